import type { RequestContext } from '../../../context.ts';
import { networkCounters } from './networks.ts';
import type { Counter } from './permits.ts';

const MAX_WRONG = 10;
const WAIT_SECONDS = 900;
const POLICY = { name: 'factors', limit: MAX_WRONG, windowSeconds: WAIT_SECONDS, firstWaitSeconds: WAIT_SECONDS };

/**
 * The wrong answers of an account's second factors, whatever sign-in, session or factor they were for: after ten of them it
 * waits 15 minutes. Null, for a login by passkey, which names its account only by being right: they count with wrong passwords.
 */
export function factorCounters(ctx: RequestContext, user_id: string | null): [Counter, ...Counter[]] {
  if (user_id === null)
    return networkCounters(ctx, { metric: 'login-ip', rate: ctx.config.limit_login_failures_per_ip });
  return [{ metric: 'factors', policy: POLICY, key: user_id, onRight: 'cleared' }];
}
