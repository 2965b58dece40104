import { eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { type AuthenticationMethod, methodsOf } from './authentication-methods.ts';
import * as factors from './factors.ts';
import * as challenges from './mfa-challenges.ts';
import { addMethod } from './session-proof.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

export interface Activated extends Partial<TokenPair> {
  recovery_codes: string[];
}

/**
 * Activates one of the caller's authenticator apps by its first code. The session is one of two factors from then on; a
 * sign-in that had to enrol gets its session. Throws factor_not_found, invalid_credentials, mfa_token_invalid, rate_limited.
 */
export async function activate(
  ctx: RequestContext,
  actor: Actor,
  input: { id: string; code: string },
): Promise<Activated> {
  const { recovery_codes, outcome } = await factors.activate(ctx, actor, input, async (ctx) => {
    if (actor.enrollment !== undefined) return finishEnrollment(ctx, actor.enrollment, actor.user.id);
    await addMethod(ctx, actor, 'otp');
    return undefined;
  });
  return { recovery_codes, ...outcome };
}

async function finishEnrollment(
  ctx: RequestContext,
  { id, amr, password_version }: NonNullable<Actor['enrollment']>,
  user_id: string,
): Promise<TokenPair> {
  await challenges.spend(ctx, { id });
  const [user] = await ctx.db.select().from(users).where(eq(users.id, user_id));
  // The methods of the row are those that were proved before.
  const methods = [...methodsOf(amr), 'otp'] as AuthenticationMethod[];
  const pair = user && (await sessions.start(ctx, { ...user, password_version }, methods));
  if (pair === undefined) throw new AppError('mfa_token_invalid');
  return pair;
}
