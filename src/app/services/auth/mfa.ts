import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import type { SecondFactor } from '../../schemas/auth/mfa.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { type AuthenticationMethod, methodsOf } from './authentication-methods.ts';
import * as factors from './factors.ts';
import * as limits from './limits.ts';
import * as challenges from './mfa-challenges.ts';
import * as passkeyProof from './passkey-proof.ts';
import * as recoveryCodes from './recovery-codes.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** A right answer, to be spent in a transaction: the methods that it proves, or `undefined` if it was spent before. */
type Answer = (ctx: RequestContext) => Promise<readonly AuthenticationMethod[] | undefined>;

/**
 * Finishes a sign-in by its second factor and starts the session. Throws invalid_credentials for a wrong answer,
 * mfa_token_invalid after five of them and for a token that is used or expired, account_disabled, rate_limited.
 */
export async function signIn(ctx: RequestContext, { mfa_token, ...given }: SecondFactor): Promise<TokenPair> {
  const challenge = await challenges.prove(ctx, 'second_factor', mfa_token);
  const user = await findUser(ctx, challenge);
  const pair = await limits.proveFactor(ctx, user.id, async () => {
    await challenges.countAttempt(ctx, challenge);
    const answer = await answerOf(ctx, user.id, given);
    return inTransaction(ctx, async (ctx) => {
      const methods = await answer(ctx);
      if (methods === undefined) return undefined;
      await challenges.spend(ctx, challenge);
      // The methods of the row are those that were proved before.
      const amr = [...(methodsOf(challenge.amr) as AuthenticationMethod[]), ...methods];
      const started = await sessions.start(ctx, user, amr);
      if (started === undefined) throw new AppError('mfa_token_invalid');
      return started;
    });
  });
  return pair ?? factors.refuse(ctx, user.id, given.credential && passkeyProof.NOT_ACCEPTED);
}

/** A signature takes milliseconds, and is verified before the transaction. */
async function answerOf(
  ctx: RequestContext,
  user_id: string,
  { code, recovery_code, challenge_id, credential }: Omit<SecondFactor, 'mfa_token'>,
): Promise<Answer> {
  if (challenge_id !== undefined && credential !== undefined) {
    const passkey = await passkeyProof.prove(ctx, { challenge_id, credential });
    if (passkey?.user_id !== user_id) return async () => undefined;
    return async (ctx) => ((await passkeyProof.spend(ctx, passkey)) ? passkey.amr : undefined);
  }
  const isSpent =
    code === undefined
      ? (ctx: RequestContext) => spendRecoveryCode(ctx, user_id, recovery_code ?? '')
      : (ctx: RequestContext) => factors.spendCode(ctx, user_id, code);
  return async (ctx) => ((await isSpent(ctx)) ? ['otp'] : undefined);
}

async function spendRecoveryCode(ctx: RequestContext, user_id: string, code: string): Promise<boolean> {
  if (!(await recoveryCodes.spend(ctx, user_id, code))) return false;
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
