import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { sessions } from '../../models/auth/sessions.ts';
import { type Role, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { type AuthenticationMethod, joinMethods, methodsOf } from './authentication-methods.ts';

/** How long a proof counts as recent. */
const FRESH_SECONDS = 300;

/** How the caller's session was proved, and how it can be once more. */
export interface SessionProof {
  is_fresh: boolean;
  /** The methods of RFC 8176, separated by spaces. */
  amr: string;
  methods: string[];
}

/** Guard of what destroys: throws reauthentication_required, with the methods, unless the caller's proof is recent. */
export async function requireFresh(ctx: RequestContext, actor: Actor): Promise<void> {
  // Who enrols a factor has just logged in.
  if (actor.enrollment !== undefined) return;
  const session = await findProof(ctx, actor);
  if (!session.is_fresh) throw required(session);
}

/** Guard of a role that the account has: throws reauthentication_required for a session that does not reach it. */
export async function requireReach(ctx: RequestContext, actor: Actor, role: Role): Promise<void> {
  if (actor.withheld_role === role) throw required(await findProof(ctx, actor));
}

/** Counts methods that were proved among those of the caller's session, in the transaction of the proof. */
export async function addMethods(
  ctx: RequestContext,
  actor: Actor,
  methods: readonly AuthenticationMethod[],
): Promise<void> {
  const { amr } = await findProof(ctx, actor);
  await ctx.db
    .update(sessions)
    .set({ amr: withMethods(amr, methods) })
    .where(eq(sessions.id, actor.session_id));
}

/** Writes down that the caller has proved who they are, in the transaction of the proof. */
export async function refresh(
  ctx: RequestContext,
  actor: Actor,
  methods: readonly [AuthenticationMethod, ...AuthenticationMethod[]],
): Promise<void> {
  const { amr } = await findProof(ctx, actor);
  const change = ctx.db
    .update(sessions)
    .set({ authenticated_at: sql`now()`, amr: withMethods(amr, methods) })
    .where(eq(sessions.id, actor.session_id))
    .returning({ id: sessions.id });
  const details = { method: methods[0] };
  const entry = { event: 'session.reauthenticated', subject_id: actor.user.id, details } as const;
  const refreshed = await audit.recordChange(ctx, change, entry);
  if (refreshed.length === 0) throw new AppError('session_ended');
}

/** The proof of the caller's session; throws session_ended. */
export async function findProof({ db }: Pick<RequestContext, 'db'>, actor: Actor): Promise<SessionProof> {
  const age = sql`extract(epoch from now() - ${sessions.authenticated_at})`;
  const [found] = await db
    .select({
      amr: sessions.amr,
      is_fresh: sql<boolean>`${age} < ${FRESH_SECONDS}::integer`,
      has_factor: users.has_factor,
      has_passkey: sql<boolean>`exists (select from ${passkeys} where ${passkeys.user_id} = ${users.id})`,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user_id))
    .where(and(eq(sessions.id, actor.session_id), eq(sessions.user_id, actor.user.id)));
  if (found === undefined) throw new AppError('session_ended');
  // Beside a factor a password alone proves nothing.
  const password = actor.user.has_password && !found.has_factor ? ['password'] : [];
  const others = [...(found.has_factor ? ['totp'] : []), ...(found.has_passkey ? ['passkey'] : [])];
  return { ...found, methods: [...password, ...others] };
}

/** The row holds methods alone. */
function withMethods(amr: string, methods: readonly AuthenticationMethod[]): string {
  return joinMethods(...(methodsOf(amr) as AuthenticationMethod[]), ...methods);
}

/** The refusal that names what proves the caller once more. */
export function required({ methods }: SessionProof): AppError {
  return new AppError('reauthentication_required', { members: { methods } });
}
