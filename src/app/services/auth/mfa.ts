import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { type AuthenticationMethod, methodsOf } from './authentication-methods.ts';
import * as factors from './factors.ts';
import * as limits from './limits.ts';
import * as challenges from './mfa-challenges.ts';
import * as recoveryCodes from './recovery-codes.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** The second factor of a sign-in: the code of an app, or a recovery code. */
export interface SecondFactor {
  mfa_token: string;
  code?: string;
  recovery_code?: string;
}

/**
 * Finishes a sign-in by its second factor and starts the session. Throws invalid_credentials for a wrong answer,
 * mfa_token_invalid after five of them and for a token that is used or expired, account_disabled, rate_limited.
 */
export async function signIn(ctx: RequestContext, { mfa_token, ...answer }: SecondFactor): Promise<TokenPair> {
  const challenge = await challenges.prove(ctx, 'second_factor', mfa_token);
  const user = await findUser(ctx, challenge);
  const pair = await limits.proveFactor(ctx, user.id, async () => {
    await challenges.countAttempt(ctx, challenge);
    return inTransaction(ctx, async (ctx) => {
      if (!(await spend(ctx, user.id, answer))) return undefined;
      await challenges.spend(ctx, challenge);
      // The methods of the row are those that were proved before.
      const amr = [...methodsOf(challenge.amr), 'otp'] as AuthenticationMethod[];
      const started = await sessions.start(ctx, user, amr);
      if (started === undefined) throw new AppError('mfa_token_invalid');
      return started;
    });
  });
  return pair ?? factors.refuse(ctx, user.id);
}

async function spend(
  ctx: RequestContext,
  user_id: string,
  { code, recovery_code }: Omit<SecondFactor, 'mfa_token'>,
): Promise<boolean> {
  if (code !== undefined) return factors.spendCode(ctx, user_id, code);
  if (recovery_code === undefined || !(await recoveryCodes.spend(ctx, user_id, recovery_code))) return false;
  await audit.record(ctx, { event: 'recovery_code.used', subject_id: user_id, actor_id: user_id });
  return true;
}

/** The account, if the credentials of the first factor are as they were. */
async function findUser({ db }: RequestContext, { user_id, password_version }: challenges.Challenge) {
  const [user] = await db
    .select()
    .from(users)
    .where(and(eq(users.id, user_id), eq(users.password_version, password_version), isOpen));
  if (user === undefined) throw new AppError('mfa_token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  return user;
}
