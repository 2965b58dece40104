import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { sessions } from '../../models/auth/sessions.ts';
import { NO_PASSWORD, users } from '../../models/auth/users.ts';
import { clientShare } from '../../utils/client-networks.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import { endCurrent } from './sessions.ts';

/** A proof that the caller is the owner of the account. */
export interface Proof {
  /** Void as soon as the account has another number. */
  password_version: number;
  /** The release of the proof's permit: await it before the answer. */
  released: Promise<unknown>;
}

/** For this time after its login a session stands for the password of an account that has none. */
const FRESH_MINUTES = 5;

/**
 * The password, or for an account without one a session of the last five minutes. Throws invalid_credentials,
 * reauthentication_required, rate_limited.
 */
export async function requireOwner(ctx: RequestContext, actor: Actor, password: string | undefined): Promise<Proof> {
  return password === undefined ? requireFreshSession(ctx, actor) : requirePassword(ctx, actor, password);
}

/** The account's password. Throws invalid_credentials, rate_limited. */
export async function requirePassword(ctx: RequestContext, actor: Actor, password: string): Promise<Proof> {
  const { password_hash, password_version } = users;
  // Beside the limit's own statement.
  const found = ctx.db
    .select({ password_hash, password_version })
    .from(users)
    .where(eq(users.id, actor.user.id))
    .execute();
  found.catch(() => {});
  let refusal: Promise<never> | undefined;
  const prove = async (): Promise<{ password_version: number } | undefined> => {
    const [row] = await found;
    if (await ctx.hasher.verify(password, row?.password_hash, clientShare(ctx.client.ip))) return row;
    // Travels with the release of the permit.
    refusal = refuse(ctx, actor);
    refusal.catch(() => {});
    return undefined;
  };
  const endSession = (): Promise<void> => endCurrent(ctx, actor);
  const { proved, released } = await limits.proveInSession(ctx, actor, { prove, endSession });
  if (proved === undefined) return refusal ?? refuse(ctx, actor);
  return { ...proved, released };
}

async function requireFreshSession(ctx: RequestContext, actor: Actor): Promise<Proof> {
  const [fresh] = await ctx.db
    .select({ password_version: users.password_version })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user_id))
    .where(
      and(
        eq(sessions.id, actor.session_id),
        sql`${sessions.created_at} > now() - make_interval(mins => ${FRESH_MINUTES})`,
        or(isNull(users.password_hash), eq(users.password_hash, NO_PASSWORD)),
      ),
    );
  if (fresh === undefined) throw new AppError('reauthentication_required');
  return { ...fresh, released: Promise.resolve() };
}

async function refuse(ctx: RequestContext, actor: Actor): Promise<never> {
  await audit.record(ctx, { event: 'reauthentication.failed', subject_id: actor.user.id });
  throw new AppError('invalid_credentials', { detail: 'Incorrect password' });
}
