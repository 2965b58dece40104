import type { Counter } from './permits.ts';

const MAX_WRONG = 10;
const WAIT_SECONDS = 900;
const POLICY = { name: 'factors', limit: MAX_WRONG, windowSeconds: WAIT_SECONDS, firstWaitSeconds: WAIT_SECONDS };

/** The wrong answers of an account's second factors, whatever sign-in, session or factor they were for. */
export function factorCounter(user_id: string): Counter {
  return { metric: 'factors', policy: POLICY, key: user_id, onRight: 'cleared' };
}
