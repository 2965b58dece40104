import type { Clock } from '../../../core.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Outcome, type Policy } from './store.ts';

/** One key's state; instants in milliseconds. */
export interface Counter {
  used: number;
  pending: number;
  pending_until: number;
  blocked_until: number;
  expires_at: number;
}

/** Keys kept at most, the oldest go first: the store must not become a way to fill the memory. */
const MAX_KEYS = 50_000;

/** Counts in this process alone: what holds while the shared store is away. */
export function createMemoryStore(clock: Clock, counters = new Map<string, Counter>()): LimitStore {
  const find = (key: string): Counter => {
    const now = clock.now().getTime();
    const found = counters.get(key);
    const counter = found ?? { used: 0, pending: 0, pending_until: 0, blocked_until: 0, expires_at: 0 };
    if (counter.expires_at <= now) counter.used = 0;
    if (counter.pending_until <= now) counter.pending = 0;
    if (found === undefined) {
      const [oldest] = counters.keys();
      if (counters.size >= MAX_KEYS && oldest !== undefined) counters.delete(oldest);
      counters.set(key, counter);
    }
    return counter;
  };

  return {
    count: async (policy, key, n) => {
      const now = clock.now().getTime();
      const counter = find(counterKey(policy, key));
      if (counter.used === 0) counter.expires_at = now + policy.window_seconds * 1000;
      counter.used += n;
      return { used: counter.used, resets_in_seconds: (counter.expires_at - now) / 1000 };
    },
    take: async (policy, key) => {
      const now = clock.now().getTime();
      const counter = find(counterKey(policy, key));
      const wait_seconds = Math.max(0, (counter.blocked_until - now) / 1000);
      if (wait_seconds > 0) return { state: 'refused', pending: counter.pending, wait_seconds };
      const places = Math.max(policy.limit - counter.used, 1);
      if (counter.pending >= places) return { state: 'busy', pending: counter.pending, wait_seconds };
      counter.pending++;
      counter.pending_until = now + LEASE_SECONDS * 1000;
      return { state: 'granted', pending: counter.pending, wait_seconds };
    },
    settle: async (policy, key, outcome) => {
      const counter = find(counterKey(policy, key));
      counter.pending = Math.max(0, counter.pending - 1);
      settle(counter, policy, { outcome, now: clock.now().getTime() });
      return counter.used;
    },
    clear: async (policy, key) => {
      counters.delete(counterKey(policy, key));
    },
    sweep: async () => {
      const now = clock.now().getTime();
      for (const [key, { expires_at, pending_until }] of counters) {
        if (expires_at <= now && pending_until <= now) counters.delete(key);
      }
    },
    close: async () => counters.clear(),
  };
}

function settle(counter: Counter, policy: Policy, { outcome, now }: { outcome: Outcome; now: number }): void {
  const window = policy.window_seconds * 1000;
  if (outcome === 'cleared') Object.assign(counter, { used: 0, blocked_until: 0, expires_at: 0 });
  if (outcome !== 'failed') return;
  if (counter.used === 0) counter.expires_at = now + window;
  counter.used++;
  if (counter.used < policy.limit) return;
  if (policy.first_wait_seconds === undefined) {
    counter.blocked_until = counter.expires_at;
    return;
  }
  const wait = policy.first_wait_seconds * 1000 * 2 ** (counter.used - policy.limit);
  counter.blocked_until = now + Math.min(wait, window);
  counter.expires_at = counter.blocked_until + window;
}
