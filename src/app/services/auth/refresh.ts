import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { isAlive, isOfPresentEpoch, lineageColumns, sessions } from '../../models/auth/sessions.ts';
import { type User, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import * as limits from './limits.ts';
import { type TokenPair, tokenPair } from './token-pair.ts';
import type { RefreshClaims } from './tokens.ts';

/**
 * Exchanges a refresh token for the next pair (RFC 9700 §4.14.2). The counter moves in one conditional UPDATE,
 * which counts the refresh as well (refresh/counted-rotation.ts), so that one of any number of racers moves it. Within the grace the others get the same successor;
 * an older token ends the session.
 */
export async function next(ctx: RequestContext, refresh_token: string): Promise<TokenPair> {
  const { refreshes_total } = ctx.metrics;
  try {
    const { pair, outcome } = await exchange(ctx, refresh_token);
    refreshes_total.inc(outcome);
    return pair;
  } catch (error) {
    const isReuse = error instanceof AppError && error.code === 'refresh_token_reused';
    refreshes_total.inc(isReuse ? 'reused' : 'refused');
    throw error;
  }
}

async function exchange(
  ctx: RequestContext,
  refresh_token: string,
): Promise<{ pair: TokenPair; outcome: 'rotated' | 'repeated' }> {
  const claims = ctx.tokens.verifyRefresh(refresh_token);
  const asked = { ...claims, ip: ctx.client.ip };
  const counted = await limits.countRefresh(ctx, (counters) => ctx.countedRotation.rotate({ ...asked, counters }));
  // Once more by itself if the row was locked, or if the counters are elsewhere.
  const moved = counted?.moved ?? (await ctx.sessionRotation.rotate(asked));
  if (moved !== undefined) return { pair: tokenPair(ctx, moved, moved.role), outcome: 'rotated' };
  const found = await findForRefresh(ctx, claims);
  if (found === undefined) throw new AppError('session_ended');
  if (!found.is_active) throw new AppError('account_disabled');
  if (claims.counter > found.counter) throw new AppError('token_invalid');
  if (claims.counter === found.counter - 1 && found.in_grace)
    return { pair: tokenPair(ctx, found, found.role), outcome: 'repeated' };
  await endReused(ctx, claims, found);
  ctx.log.warn(
    { event: 'session.refresh_token_reused', ...claims, ip: ctx.client.ip },
    'a used refresh token returned; its session is ended',
  );
  throw new AppError('refresh_token_reused');
}

/** Of many requests with the same stolen token at once, the one that finds the session's row records the reuse. */
async function endReused(
  ctx: RequestContext,
  { user_id, session_id }: RefreshClaims,
  { email, locale }: Pick<User, 'email' | 'locale'>,
): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const { rowCount } = await ctx.db.delete(sessions).where(eq(sessions.id, session_id));
    const details = { ended_session_id: session_id };
    if (!rowCount) return;
    await inOrder([
      audit.record(ctx, { event: 'session.refresh_token_reused', subject_id: user_id, details }),
      notify(ctx, 'session.refresh_token_reused', { id: user_id, email, locale }),
    ]);
  });
}

async function findForRefresh(ctx: RequestContext, { session_id, user_id }: RefreshClaims) {
  const [found] = await ctx.db
    .select({
      ...lineageColumns,
      role: users.role,
      email: users.email,
      locale: users.locale,
      is_active: users.is_active,
      // Both ways: a clock that is set back would otherwise lengthen the grace, or open one that is not configured.
      in_grace: sql<boolean>`abs(extract(epoch from now() - ${sessions.refreshed_at})) < ${ctx.config.refresh_reuse_seconds}::integer`,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user_id))
    .where(and(eq(sessions.id, session_id), eq(sessions.user_id, user_id), isOfPresentEpoch, isAlive(ctx.config)));
  return found;
}
