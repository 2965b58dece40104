import type { AppContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { hasLine } from '../../database.ts';
import { AppError } from '../../utils/errors.ts';
import { type ClaimedUser, createClaimedUser } from './authentication/claimed-user.ts';
import { withReach } from './second-factor.ts';
import type { AccessClaims } from './tokens.ts';

export type { ClaimedUser } from './authentication/claimed-user.ts';

/**
 * Who the claims of an access token speak for, by the session's row, so that an ended session or a disabled account stops a
 * token at once, and by its methods, which say whether it reaches the role of the account. Throws token_invalid, session_ended or account_disabled.
 */
export async function authenticate(ctx: AppContext, claims: AccessClaims): Promise<Actor> {
  const found = await ctx.sessionLoader.find(claims.session_id);
  if (found === undefined) throw new AppError('session_ended');
  const { session_id, last_used_at, amr, user } = found;
  if (user.id !== claims.user_id) throw new AppError('token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  ctx.sessionActivity.note(session_id, last_used_at);
  return withReach(ctx.config, { user, session_id, amr });
}

/** The user as the claims of its access token have it, until `authenticate` confirms them. */
export function claimedUserOf({ user_id, role }: AccessClaims): ClaimedUser {
  return createClaimedUser(user_id, role);
}

/**
 * False if work waits for a connection: a read that begins before the check of its session would gain nothing then, and hold
 * twice the memory while it waits.
 */
export function mayReadEarly(ctx: AppContext): boolean {
  return !hasLine(ctx);
}
