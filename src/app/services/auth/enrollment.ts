import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { isOpen, publicUserColumns, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { type AuthenticationMethod, methodsOf } from './authentication-methods.ts';
import * as challenges from './mfa-challenges.ts';
import { withReach } from './second-factor.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** The condition of an account that nobody has set a factor up for meanwhile. */
const isBare = sql`not ${users.has_factor} and not exists (select from ${passkeys} where ${passkeys.user_id} = ${users.id})`;

/** True for a text in the form of such a token, which no access token has. */
export const isToken = challenges.isToken;

/**
 * The caller of a token that mfa_enrollment_required gave: good for the routes with `enrollment` and for nothing else, as long
 * as the account has no factor. Throws mfa_token_invalid, account_disabled.
 */
export async function authenticate(ctx: RequestContext, token: string): Promise<Actor> {
  const { id, user_id, amr, password_version } = await challenges.prove(ctx, 'enrollment', token);
  const [user] = await ctx.db
    .select(publicUserColumns)
    .from(users)
    .where(and(eq(users.id, user_id), eq(users.password_version, password_version), isBare, isOpen));
  if (user === undefined) throw new AppError('mfa_token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  return { ...withReach(ctx.config, { user, session_id: id, amr }), enrollment: { id, amr, password_version } };
}

/** Starts the session of a sign-in that has set a factor up, in the transaction of the set-up. Throws mfa_token_invalid. */
export async function finish(
  ctx: RequestContext,
  { id, amr: before, password_version }: NonNullable<Actor['enrollment']>,
  { user_id, amr }: { user_id: string; amr: readonly AuthenticationMethod[] },
): Promise<TokenPair> {
  await challenges.spend(ctx, { id });
  const [user] = await ctx.db.select().from(users).where(eq(users.id, user_id));
  // The methods of the row are those that were proved before.
  const methods = [...(methodsOf(before) as AuthenticationMethod[]), ...amr];
  const pair = user && (await sessions.start(ctx, { ...user, password_version }, methods));
  if (pair === undefined) throw new AppError('mfa_token_invalid');
  return pair;
}
