import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { Rate } from '../../config/settings.ts';
import type { Config } from '../../config.ts';
import type { AppContext, RequestContext } from '../../context.ts';
import { loginFailures } from '../../models/auth/limits.ts';
import { clientNetwork } from '../../utils/client-networks.ts';
import { canonicalEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import type { Taken } from './limits/fallback.ts';
import type { Outcome, Policy } from './limits/store.ts';

/** The wait after the last failure that the limit allows; it doubles with each one that follows. */
const FIRST_WAIT_SECONDS = 60;

/**
 * The one place that a password proof passes, whatever for: a login, a change of password, the end of an account.
 * `prove` gives `undefined` for a wrong password; it runs only where the account and the client's network have a place left,
 * so that no more are tried at once than may fail. An address without an account is counted as one with. Throws rate_limited.
 */
export async function provePassword<T>(
  ctx: RequestContext,
  email: string,
  prove: () => Promise<T | undefined>,
): Promise<T | undefined> {
  if (!ctx.config.rate_limits) return prove();
  const policies = loginPolicies(ctx.config);
  const network = await take(ctx, policies.network, clientNetwork(ctx.client.ip));
  let outcome: Outcome = 'refunded';
  try {
    const key = accountKey(email);
    const account = await take(ctx, policies.account, key);
    try {
      const in_a_row = await requireUnlocked(ctx, key, account);
      const proved = await prove();
      outcome = proved === undefined ? 'failed' : 'cleared';
      if (proved === undefined) await noteFailure(ctx, key);
      else if (in_a_row > 0) await forgetFailures(ctx, key);
      return proved;
    } finally {
      await settle(ctx, policies.account, { place: account, outcome });
    }
  } finally {
    // A right password says nothing of the others that came from there.
    const networkOutcome = outcome === 'failed' ? 'failed' : 'refunded';
    await settle(ctx, policies.network, { place: network, outcome: networkOutcome });
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

/** Unlocks an address that gets a password; part of the transaction that sets it, so only where that comes true. */
export async function forget(ctx: Pick<AppContext, 'db'>, email: string): Promise<void> {
  await forgetFailures(ctx, accountKey(email));
}

/** Ends the waits of an address too, once a reset of its password is committed; takes no part in a transaction. */
export async function endWaits(ctx: AppContext, email: string): Promise<void> {
  await ctx.limiter.clear(loginPolicies(ctx.config).account, accountKey(email));
}

function loginPolicies(config: Config): { network: Counted; account: Counted } {
  return {
    network: policyOf('login-ip', config.limit_login_failures_per_ip),
    account: {
      ...policyOf('login-account', config.limit_login_failures_per_account),
      first_wait_seconds: FIRST_WAIT_SECONDS,
    },
  };
}

/** The names that are counted apart. */
type Counted = Policy & { name: keyof AppContext['metrics']['rate_limit_refusals_total']['values'] };

function policyOf(name: Counted['name'], { count, window_seconds }: Rate): Counted {
  return { name, limit: count, window_seconds };
}

/** Text that is no address has a key as well: it is refused, and limited, like an unknown one. */
function accountKey(email: string): string {
  return createHash('sha256')
    .update(canonicalEmail(email) ?? email)
    .digest('base64url');
}

async function take(ctx: RequestContext, policy: Counted, key: string): Promise<Taken> {
  const taken = await ctx.limiter.take(policy, key);
  if (taken.state === 'refused') throw refusal(ctx, policy, taken.wait_seconds);
  ctx.quotas.push({ policy });
  return taken;
}

async function settle(
  ctx: RequestContext,
  { name, limit }: Policy,
  { place, outcome }: { place: Taken; outcome: Outcome },
): Promise<void> {
  const failures = await place.settle(outcome);
  if (outcome !== 'failed' || failures < limit) return;
  ctx.log.warn(
    { event: 'limits.reached', request_id: ctx.request_id, limit: name, failures, ip: ctx.client.ip },
    'too many failed password proofs; the next ones are refused',
  );
}

async function count(ctx: RequestContext, policy: Counted): Promise<void> {
  if (!ctx.config.rate_limits) return;
  const { used, resets_in_seconds } = await ctx.limiter.count(policy, clientNetwork(ctx.client.ip));
  if (used > policy.limit) throw refusal(ctx, policy, resets_in_seconds);
  ctx.quotas.push({ policy, standing: { remaining: policy.limit - used, resets_in_seconds } });
}

function refusal(ctx: RequestContext, policy: Counted, wait_seconds: number): AppError {
  ctx.metrics.rate_limit_refusals_total.inc(policy.name);
  const retry_after = Math.max(1, Math.ceil(wait_seconds));
  ctx.quotas.push({ policy, standing: { remaining: 0, resets_in_seconds: retry_after } });
  return new AppError('rate_limited', { retry_after });
}

/** Throws where the row of failures has no room for all that are under way; gives its length. */
async function requireUnlocked(ctx: RequestContext, key: string, { pending }: Taken): Promise<number> {
  const max = ctx.config.limit_login_failures_in_a_row;
  const [row] = await ctx.db
    .select({ in_a_row: loginFailures.in_a_row })
    .from(loginFailures)
    .where(eq(loginFailures.account_key, key));
  const in_a_row = row?.in_a_row ?? 0;
  if (in_a_row + pending > max) ctx.metrics.rate_limit_refusals_total.inc('login-failures-in-a-row');
  if (in_a_row >= max) {
    throw new AppError('rate_limited', {
      detail: 'Too many failed attempts in a row; a new password must be set',
      retry_after: ctx.config.limit_login_failures_per_account.window_seconds,
    });
  }
  if (in_a_row + pending > max) throw new AppError('rate_limited', { retry_after: 1 });
  return in_a_row;
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
