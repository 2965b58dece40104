import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { dropWhatWasSet } from './first-proof.ts';
import * as mailRequests from './mail-requests.ts';
import { type ProvedToken, prove, spend, type TokenProof } from './one-time-tokens.ts';
import { isChallenge } from './second-factor.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** Has a link and a code mailed that log in. Says the same, after the same work, whether or not there is an account. */
export async function request(ctx: RequestContext, input: { email: string }): Promise<void> {
  await mailRequests.accept(ctx, 'login_code', input);
}

/**
 * Starts a session by a mailed link or code. If the mailbox was never proved, what was set before goes, unless the caller has a
 * living session of the account. Throws one_time_token_invalid, account_disabled.
 */
export async function login(ctx: RequestContext, caller: Actor | undefined, proof: TokenProof): Promise<TokenPair> {
  const { logins_total } = ctx.metrics;
  try {
    const pair = await startByMail(ctx, await prove(ctx, 'login_code', proof), caller?.user.id);
    logins_total.inc('succeeded');
    return pair;
  } catch (error) {
    logins_total.inc(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): 'challenged' | 'failed' | 'refused' {
  if (!(error instanceof AppError)) return 'refused';
  return isChallenge(error) ? 'challenged' : 'failed';
}

async function startByMail(ctx: RequestContext, token: ProvedToken, caller_id: string | undefined): Promise<TokenPair> {
  const { user_id, email } = token;
  const user = await inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const { id, role, locale, is_active, password_version, email_verified_at, has_factor } = users;
    const [before] = await ctx.db
      .select({ is_active, email_verified_at })
      .from(users)
      .where(and(eq(id, user_id), isOpen))
      .for('update');
    if (before === undefined) throw new AppError('one_time_token_invalid');
    if (!before.is_active) throw new AppError('account_disabled');
    if (before.email_verified_at === null) await proveFirst(ctx, user_id, { kept: caller_id === user_id });
    const [user] = await ctx.db
      .select({ id, role, locale, password_version, has_factor })
      .from(users)
      .where(eq(id, user_id));
    return user;
  });
  // After the transaction: a demand for the second factor must not take the spent token back.
  const pair = user && (await sessions.start(ctx, { ...user, email }, ['email']));
  if (pair === undefined) throw new AppError('one_time_token_invalid');
  return pair;
}

async function proveFirst(ctx: RequestContext, user_id: string, details: { kept: boolean }): Promise<void> {
  if (!details.kept) await dropWhatWasSet(ctx, user_id);
  await ctx.db.update(users).set({ email_verified_at: sql`now()` }).where(eq(users.id, user_id));
  await audit.record(ctx, { event: 'email.verified', subject_id: user_id, actor_id: user_id, details });
}
