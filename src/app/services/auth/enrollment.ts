import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { isOpen, publicUserColumns, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as challenges from './mfa-challenges.ts';

/** True for a text in the form of such a token, which no access token has. */
export const isToken = challenges.isToken;

/**
 * The caller of a token that mfa_enrollment_required gave: good for the routes with `enrollment` and for nothing else. Throws
 * mfa_token_invalid, account_disabled.
 */
export async function authenticate(ctx: RequestContext, token: string): Promise<Actor> {
  const { id, user_id, amr, password_version } = await challenges.prove(ctx, 'enrollment', token);
  const [user] = await ctx.db
    .select(publicUserColumns)
    .from(users)
    .where(and(eq(users.id, user_id), eq(users.password_version, password_version), isOpen));
  if (user === undefined) throw new AppError('mfa_token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  return { user, session_id: id, enrollment: { id, amr, password_version } };
}
