import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import type { RequestOptions } from '../../schemas/auth/passkeys.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import { outcomeOf, type Refusal, refusalOf } from './login.ts';
import * as challenges from './passkey-challenges.ts';
import { NOT_ACCEPTED, type PasskeyAnswer, type ProvedPasskey, prove, spend } from './passkey-proof.ts';
import { relyingParty } from './relying-party.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

const TIMEOUT_MS = 300_000;

/** What a browser asks for a passkey by, before any of the three proofs. Names no account, and writes nothing. */
export function options(ctx: RequestContext): RequestOptions {
  const { challenge_id, expires_at } = challenges.issue(ctx, { purpose: 'assertion' });
  return {
    challenge_id,
    expires_at,
    options: {
      challenge: challenge_id,
      timeout: TIMEOUT_MS,
      rpId: relyingParty(ctx.config).id,
      allowCredentials: [],
      userVerification: 'required',
    },
  };
}

/**
 * Starts a session by a passkey that verified its user: both factors at once. Throws invalid_credentials for whatever is
 * wrong with the answer, account_disabled, email_unverified, rate_limited.
 */
export async function login(ctx: RequestContext, answer: PasskeyAnswer): Promise<TokenPair> {
  const { logins_total } = ctx.metrics;
  try {
    const pair = await limits.proveFactor(ctx, null, async () => {
      const passkey = await prove(ctx, answer);
      return passkey?.is_user_verified && passkey.has_user_handle ? start(ctx, passkey) : undefined;
    });
    if (pair === undefined) return await refuse(ctx, null, 'invalid_credentials');
    logins_total.inc('succeeded');
    return pair;
  } catch (error) {
    logins_total.inc(outcomeOf(error));
    throw error;
  }
}

async function start(ctx: RequestContext, passkey: ProvedPasskey): Promise<TokenPair | undefined> {
  const [user] = await ctx.db
    .select()
    .from(users)
    .where(and(eq(users.id, passkey.user_id), isOpen));
  if (user === undefined) return undefined;
  const refusal = refusalOf(ctx, user);
  if (refusal !== undefined) return refuse(ctx, user.id, refusal);
  return inTransaction(ctx, async (ctx) => {
    if (!(await spend(ctx, passkey))) return undefined;
    return sessions.start(ctx, user, passkey.amr);
  });
}

async function refuse(ctx: RequestContext, subject_id: string | null, reason: Refusal): Promise<never> {
  await audit.record(ctx, { event: 'login.failed', subject_id, details: { reason } });
  const detail = reason === 'invalid_credentials' ? { detail: NOT_ACCEPTED } : {};
  throw new AppError(reason, detail);
}
