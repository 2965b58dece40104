import type { AppContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { AppError } from '../../utils/errors.ts';

/**
 * Who an access token speaks for: signature, type, issuer, audience and expiry, then the session row, so that an ended
 * session or a disabled account stops a token at once. Throws token_invalid, token_expired, session_ended or account_disabled.
 */
export async function authenticate(ctx: AppContext, token: string): Promise<Actor> {
  const claims = ctx.tokens.verifyAccess(token);
  const found = await ctx.sessionLoader.find(claims.session_id);
  if (found === undefined) throw new AppError('session_ended');
  const { session_id, last_used_at, user } = found;
  if (user.id !== claims.user_id) throw new AppError('token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  ctx.sessionActivity.note(session_id, last_used_at);
  return { user, session_id };
}
