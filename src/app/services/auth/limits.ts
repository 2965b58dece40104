import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { Rate } from '../../config/settings.ts';
import type { Config } from '../../config.ts';
import type { AppContext, RequestContext } from '../../context.ts';
import { loginFailures } from '../../models/auth/limits.ts';
import { clientNetwork } from '../../utils/client-networks.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import type { Outcome, Permit, Policy } from './limits/store.ts';
import { tooManyPasswords } from './overload.ts';

/** The wait after the last failure that the limit allows; it doubles with each further failure. */
const FIRST_WAIT_SECONDS = 60;

/**
 * Every password proof passes here: a login, a change of password, the deletion of an account. `prove` returns `undefined`
 * for a wrong password; it runs only if the account and the client's network have a permit left, so no more attempts run at
 * once than may fail. `account` is the canonical address, with or without an account, or a text that is no address: it is
 * refused and limited like an unknown address. Throws rate_limited.
 */
export async function provePassword<T>(
  ctx: RequestContext,
  account: string,
  prove: () => Promise<T | undefined>,
): Promise<T | undefined> {
  if (!ctx.config.rate_limits) return prove();
  const policies = loginPolicies(ctx.config);
  const network = await acquire(ctx, policies.network, clientNetwork(ctx.client.ip));
  let outcome: Outcome = 'refunded';
  try {
    const key = accountKey(account);
    const permit = await acquire(ctx, policies.account, key);
    try {
      const inARow = await requireUnlocked(ctx, key, permit);
      const proved = await prove();
      outcome = proved === undefined ? 'failed' : 'cleared';
      if (proved === undefined) await noteFailure(ctx, key);
      else if (inARow > 0) await forgetFailures(ctx, key);
      return proved;
    } finally {
      await release(ctx, permit, outcome);
    }
  } finally {
    // A right password does not clear the network: it may be the client's own account.
    await release(ctx, network, outcome === 'failed' ? 'failed' : 'refunded');
  }
}

/** Counts a registration of the client's network, before any work for it. Throws rate_limited. */
export async function countRegistration(ctx: RequestContext): Promise<void> {
  await count(ctx, policyOf('register-ip', ctx.config.limit_registrations_per_ip));
}

/** Counts a refresh of the client's network. Throws rate_limited. */
export async function countRefresh(ctx: RequestContext): Promise<void> {
  await count(ctx, policyOf('refresh-ip', ctx.config.limit_refreshes_per_ip));
}

/** Unlocks an address that gets a new password, in the transaction that sets it. */
export async function forget(ctx: Pick<AppContext, 'db'>, email: EmailAddress): Promise<void> {
  await forgetFailures(ctx, accountKey(email));
}

/** Ends the waits of an address after its new password is committed; not part of a transaction. */
export async function endWaits(ctx: AppContext, email: EmailAddress): Promise<void> {
  await ctx.limiter.clear(loginPolicies(ctx.config).account, accountKey(email));
}

function loginPolicies(config: Config): { network: Counted; account: Counted } {
  return {
    network: policyOf('login-ip', config.limit_login_failures_per_ip),
    account: {
      ...policyOf('login-account', config.limit_login_failures_per_account),
      firstWaitSeconds: FIRST_WAIT_SECONDS,
    },
  };
}

/** The names are those of the metric. */
type Counted = Policy & { name: keyof AppContext['metrics']['rate_limit_refusals_total']['values'] };

function policyOf(name: Counted['name'], { count, window_seconds }: Rate): Counted {
  return { name, limit: count, windowSeconds: window_seconds };
}

function accountKey(account: string): string {
  return createHash('sha256').update(account).digest('base64url');
}

async function acquire(ctx: RequestContext, policy: Counted, key: string): Promise<Permit> {
  const acquisition = await ctx.limiter.acquire(policy, key);
  if (acquisition.state === 'refused') throw refusal(ctx, policy, acquisition.waitSeconds);
  if (acquisition.state === 'busy') throw tooManyPasswords();
  ctx.reportQuota({ policy });
  return acquisition;
}

async function release(ctx: RequestContext, permit: Permit, outcome: Outcome): Promise<void> {
  const { name, limit } = permit.policy;
  const failures = await ctx.limiter.release(permit, outcome);
  if (outcome !== 'failed' || failures < limit) return;
  ctx.log.warn(
    { event: 'limits.reached', request_id: ctx.request_id, limit: name, failures, ip: ctx.client.ip },
    'too many failed password proofs; the next ones are refused',
  );
}

async function count(ctx: RequestContext, policy: Counted): Promise<void> {
  if (!ctx.config.rate_limits) return;
  const { used, resetsInSeconds } = await ctx.limiter.count(policy, clientNetwork(ctx.client.ip));
  if (used > policy.limit) throw refusal(ctx, policy, resetsInSeconds);
  ctx.reportQuota({ policy, standing: { remaining: policy.limit - used, resetsInSeconds } });
}

function refusal(ctx: RequestContext, policy: Counted, waitSeconds: number): AppError {
  ctx.metrics.rate_limit_refusals_total.inc(policy.name);
  const retry_after = Math.max(1, Math.ceil(waitSeconds));
  ctx.reportQuota({ policy, standing: { remaining: 0, resetsInSeconds: retry_after } });
  return new AppError('rate_limited', { retry_after });
}

/** Throws if the failures in a row leave no room for all permits of the account; returns their number. */
async function requireUnlocked(ctx: RequestContext, key: string, { pending }: Permit): Promise<number> {
  const max = ctx.config.limit_login_failures_in_a_row;
  const [row] = await ctx.db
    .select({ inARow: loginFailures.in_a_row })
    .from(loginFailures)
    .where(eq(loginFailures.account_key, key));
  const inARow = row?.inARow ?? 0;
  if (inARow + pending > max) ctx.metrics.rate_limit_refusals_total.inc('login-failures-in-a-row');
  if (inARow >= max) {
    throw new AppError('rate_limited', {
      detail: 'Too many failed attempts in a row; a new password must be set',
      retry_after: ctx.config.limit_login_failures_per_account.window_seconds,
    });
  }
  if (inARow + pending > max) throw new AppError('rate_limited', { retry_after: 1 });
  return inARow;
}

async function noteFailure(ctx: RequestContext, account_key: string): Promise<void> {
  const [row] = await ctx.db
    .insert(loginFailures)
    .values({ account_key, in_a_row: 1, failed_at: sql`now()` })
    .onConflictDoUpdate({
      target: loginFailures.account_key,
      set: { in_a_row: sql`${loginFailures.in_a_row} + 1`, failed_at: sql`now()` },
    })
    .returning({ in_a_row: loginFailures.in_a_row });
  if (row?.in_a_row !== ctx.config.limit_login_failures_in_a_row) return;
  ctx.log.warn(
    { event: 'limits.account_locked', request_id: ctx.request_id, failures: row.in_a_row, ip: ctx.client.ip },
    'an account is locked until it gets a new password',
  );
}

async function forgetFailures(ctx: Pick<AppContext, 'db'>, key: string): Promise<void> {
  await ctx.db.delete(loginFailures).where(eq(loginFailures.account_key, key));
}
