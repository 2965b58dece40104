import { and, eq, ne, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inOrder, inTransaction } from '../../database.ts';
import {
  isAlive,
  isOfOwnersEpoch,
  lineageColumns,
  type SessionLineage,
  type SessionRow,
  sessions,
} from '../../models/auth/sessions.ts';
import { users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import type { Locale } from '../../utils/locales.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { type AuthenticationMethod, isTwoFactor, joinMethods } from './authentication-methods.ts';
import * as limits from './limits.ts';
import { demandSecondFactor, lacksSecondFactor, type ProvedAccount } from './second-factor.ts';
import { type TokenPair, tokenPair } from './token-pair.ts';
import { deviceName } from './user-agents.ts';

/** A session as its owner sees it. */
export interface SessionView
  extends Pick<SessionRow, 'id' | 'ip' | 'user_agent' | 'created_at' | 'last_used_at' | 'expires_at'> {
  current: boolean;
  /** The user agent in two or three words: `Firefox on Windows`. */
  device: string;
}

/** An account whose first factor was just proved, as a session starts for it. */
export type ProvedUser = ProvedAccount & { email: EmailAddress; locale?: Locale | null };

/** Longest User-Agent that is kept; the rest of a longer one says nothing about the device. */
const USER_AGENT_MAX_LENGTH = 255;
/** A request removes no more rows than this. */
const REMOVED_AT_ONCE = 1000;

/** Ends all sessions of a user. */
export const NEXT_EPOCH = { session_epoch: sql`${users.session_epoch} + 1` };

/**
 * Starts a session for a user who was just proved by these methods; nothing else makes one. `undefined` if the account
 * meanwhile was deleted, disabled, given another password or a second factor: the row is locked and looked at again, so no
 * session outlives such a change. Throws mfa_required or mfa_enrollment_required with the token to go on with; call it outside
 * of a transaction if the account may have a factor.
 */
export async function start(
  ctx: RequestContext,
  user: ProvedUser,
  amr: readonly AuthenticationMethod[],
): Promise<TokenPair | undefined> {
  if (lacksSecondFactor(ctx, user, amr)) return demandSecondFactor(ctx, user, amr);
  const session_id = newId();
  const { id: subject_id } = user;
  const entry = { event: 'session.started', subject_id, actor_id: subject_id, session_id } as const;
  // At the same moment, and carried out in this order.
  const [[session], isNewDevice] = await inOrder([
    audit.recordChange(ctx, insertSession(ctx, { user, amr, session_id }), entry),
    limits.rememberDevice(ctx, user, session_id),
  ]);
  if (session && isNewDevice) await notify(ctx, 'session.new_device', user);
  return session && tokenPair(ctx, session, user.role);
}

/** The user's living sessions, newest first. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  { user_id, ...request }: PageRequest & { user_id: string },
): Promise<Page<SessionView>> {
  const { id, ip, user_agent, created_at, last_used_at, expires_at } = sessions;
  const current = sql<boolean>`${id} = ${actor.session_id}`;
  const page = await paginate(
    ctx.db.select({ id, current, ip, user_agent, created_at, last_used_at, expires_at }).from(sessions),
    request,
    { where: and(eq(sessions.user_id, user_id), isOfOwnersEpoch, isAlive(ctx.config)), order: newestFirst(id) },
  );
  return { ...page, items: page.items.map((row) => ({ ...row, device: deviceName(row.user_agent) })) };
}

/** Ends one session of a user at once, its access tokens included; session_not_found where it is not theirs. */
export async function end(ctx: RequestContext, { user_id, id }: { user_id: string; id: string }): Promise<void> {
  if (!(await endOne(ctx, { user_id, id }))) throw new AppError('session_not_found');
}

/** Ends the caller's own session; one that is gone already is ended too. */
export async function endCurrent(ctx: RequestContext, actor: Actor): Promise<void> {
  await endOne(ctx, { user_id: actor.user.id, id: actor.session_id });
}

/** Ends every session of a user, but for the one to keep. */
export async function endAll(
  ctx: RequestContext,
  { user_id, keep }: { user_id: string; keep?: string },
): Promise<void> {
  const others = keep === undefined ? undefined : ne(sessions.id, keep);
  const some = ctx.db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.user_id, user_id), others))
    .limit(REMOVED_AT_ONCE);
  const change = ctx.db
    .delete(sessions)
    .where(sql`${sessions.id} = any(array(${some}))`)
    .returning({ id: sessions.id });
  const entry = { event: 'sessions.ended', subject_id: user_id } as const;
  const ended = await audit.recordChange(ctx, change, { ...entry, count_as: 'count' });
  if (ended.length === REMOVED_AT_ONCE) await endRest(ctx, { user_id, keep });
}

/** Ends however many sessions there are by one number; their rows are removed in the background. */
async function endRest(ctx: RequestContext, { user_id, keep }: { user_id: string; keep: string | undefined }) {
  await inTransaction(ctx, async (ctx) => {
    const change = ctx.db
      .update(users)
      .set({
        ...NEXT_EPOCH,
        removing: sql`coalesce(${users.removing}, 'sessions')`,
        updated_at: sql`${users.updated_at}`,
      })
      .where(eq(users.id, user_id))
      .returning({ session_epoch: users.session_epoch });
    const details = { more_than: REMOVED_AT_ONCE };
    const [user] = await audit.recordChange(ctx, change, { event: 'sessions.ended', subject_id: user_id, details });
    if (user === undefined || keep === undefined) return;
    await ctx.db.update(sessions).set({ epoch: user.session_epoch }).where(eq(sessions.id, keep));
  });
  ctx.removal.wake();
}

/** Ends a session and writes it down; false where there was none. */
async function endOne(ctx: RequestContext, { user_id, id }: { user_id: string; id: string }): Promise<boolean> {
  const change = ctx.db
    .delete(sessions)
    .where(and(eq(sessions.id, id), eq(sessions.user_id, user_id), isOfOwnersEpoch))
    .returning({ id: sessions.id });
  const entry = { event: 'session.ended', subject_id: user_id, details: { ended_session_id: id } } as const;
  return (await audit.recordChange(ctx, change, entry)).length > 0;
}

function insertSession(
  ctx: RequestContext,
  { user, amr, session_id }: { user: ProvedUser; amr: readonly AuthenticationMethod[]; session_id: string },
): PromiseLike<SessionLineage[]> {
  const { ip, user_agent } = ctx.client;
  const proved = ctx.db.$with('proved').as(
    ctx.db
      .select({ id: users.id, session_epoch: users.session_epoch })
      .from(users)
      .where(
        and(
          eq(users.id, user.id),
          eq(users.password_version, user.password_version),
          eq(users.is_active, true),
          isTwoFactor(amr) ? undefined : eq(users.has_factor, false),
        ),
      )
      .for('share'),
  );
  return ctx.db
    .with(proved)
    .insert(sessions)
    .select((query) =>
      query
        .select({
          id: sql`${session_id}::uuid`.as('id'),
          user_id: proved.id,
          counter: sql`0`.as('counter'),
          epoch: proved.session_epoch,
          ip: sql`${ip}`.as('ip'),
          user_agent: sql`${user_agent?.slice(0, USER_AGENT_MAX_LENGTH) ?? null}`.as('user_agent'),
          authenticated_at: sql`now()`.as('authenticated_at'),
          amr: sql`${joinMethods(...amr)}`.as('amr'),
          created_at: sql`now()`.as('created_at'),
          refreshed_at: sql`now()`.as('refreshed_at'),
          last_used_at: sql`now()`.as('last_used_at'),
          expires_at: sql`now() + make_interval(days => ${ctx.config.days_session_max})`.as('expires_at'),
        })
        .from(proved),
    )
    .returning(lineageColumns);
}
