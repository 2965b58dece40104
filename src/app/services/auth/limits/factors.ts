import type { RequestContext } from '../../../context.ts';
import { networkCounters } from './networks.ts';
import { type Counter, withPermits } from './permits.ts';

const MAX_WRONG = 10;
const WAIT_SECONDS = 900;
const POLICY = { name: 'factors', limit: MAX_WRONG, windowSeconds: WAIT_SECONDS, firstWaitSeconds: WAIT_SECONDS };

/**
 * The proof of a second factor. Wrong answers of an account count together: after ten of them it waits 15 minutes. `prove`
 * returns `undefined` for a wrong answer. Throws rate_limited.
 */
export async function proveFactor<T>(ctx: RequestContext, user_id: string, prove: () => Promise<T | undefined>) {
  return ctx.config.rate_limits ? withPermits(ctx, [factorCounter(user_id)], prove) : prove();
}

/**
 * The proof of a login by passkey, which names its account only by being right: wrong answers count for the client's networks,
 * together with wrong passwords. `prove` returns `undefined` for a wrong one. Throws rate_limited.
 */
export async function provePasskey<T>(ctx: RequestContext, prove: () => Promise<T | undefined>) {
  if (!ctx.config.rate_limits) return prove();
  const counters = networkCounters(ctx, { metric: 'login-ip', rate: ctx.config.limit_login_failures_per_ip });
  return withPermits(ctx, counters, prove);
}

/** The wrong answers of an account's second factors, whatever sign-in, session or factor they were for. */
function factorCounter(user_id: string): Counter {
  return { metric: 'factors', policy: POLICY, key: user_id, onRight: 'cleared' };
}
