import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { sessions } from '../../models/auth/sessions.ts';
import { AppError } from '../../utils/errors.ts';
import { authenticate } from './authentication.ts';
import type { RefreshClaims } from './tokens.ts';

/**
 * Who holds a refresh token, without exchanging it: for pages, whose browser brings the cookie along. `undefined` for a token
 * that is not its session's present one, or that a refresh has replaced in the last REFRESH_REUSE_SECONDS.
 */
export async function findTokenHolder(ctx: RequestContext, refresh_token: string): Promise<Actor | undefined> {
  try {
    const claims = ctx.tokens.verifyRefresh(refresh_token);
    const [actor, isPresent] = await Promise.all([
      authenticate(ctx, { ...claims, role: undefined }),
      hasCounter(ctx, claims),
    ]);
    return isPresent ? actor : undefined;
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return undefined;
    throw error;
  }
}

async function hasCounter(ctx: RequestContext, { session_id, counter }: RefreshClaims): Promise<boolean> {
  const age = sql`abs(extract(epoch from now() - ${sessions.refreshed_at}))`;
  // The greatest integer has no successor of its type.
  const isReplaced = sql`${sessions.counter} = ${counter}::bigint + 1 and ${age} < ${ctx.config.refresh_reuse_seconds}::integer`;
  const [found] = await ctx.db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, session_id), sql`(${eq(sessions.counter, counter)} or ${isReplaced})`));
  return found !== undefined;
}
