import type { Clock } from '../../../core.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Outcome, type Policy } from './store.ts';

/** The state of one key; instants in milliseconds. */
export interface Counter {
  used: number;
  pending: number;
  pendingUntil: number;
  blockedUntil: number;
  expiresAt: number;
}

/** The store keeps at most this many keys and evicts the oldest, so that clients cannot fill the memory. */
const MAX_KEYS = 50_000;

/** Counts in this process: the specification of every store, and the fallback while the shared store is away. */
export function createMemoryStore(clock: Clock, counters = new Map<string, Counter>()): LimitStore {
  const find = (key: string): Counter => {
    const now = clock.now().getTime();
    const found = counters.get(key);
    const counter = found ?? { used: 0, pending: 0, pendingUntil: 0, blockedUntil: 0, expiresAt: 0 };
    if (counter.expiresAt <= now) counter.used = 0;
    if (counter.pendingUntil <= now) counter.pending = 0;
    if (found === undefined) {
      const [oldest] = counters.keys();
      if (counters.size >= MAX_KEYS && oldest !== undefined) counters.delete(oldest);
      counters.set(key, counter);
    }
    return counter;
  };

  return {
    acquire: async (policy, key) => {
      const now = clock.now().getTime();
      const counter = find(counterKey(policy, key));
      if (counter.blockedUntil > now) return { state: 'refused', waitSeconds: (counter.blockedUntil - now) / 1000 };
      if (counter.pending >= Math.max(policy.limit - counter.used, 1)) return { state: 'busy' };
      counter.pending++;
      counter.pendingUntil = now + LEASE_SECONDS * 1000;
      return { state: 'granted', policy, key, pending: counter.pending };
    },
    release: async ({ policy, key }, outcome) => {
      const counter = find(counterKey(policy, key));
      counter.pending = Math.max(0, counter.pending - 1);
      settle(counter, policy, { outcome, now: clock.now().getTime() });
      return counter.used;
    },
    count: async (policy, key, n = 1) => {
      const now = clock.now().getTime();
      const counter = find(counterKey(policy, key));
      if (counter.used === 0) counter.expiresAt = now + policy.windowSeconds * 1000;
      counter.used += n;
      return { used: counter.used, resetsInSeconds: (counter.expiresAt - now) / 1000 };
    },
    giveBack: async (policy, key) => {
      const counter = find(counterKey(policy, key));
      counter.used = Math.max(0, counter.used - 1);
    },
    clear: async (policy, key) => {
      counters.delete(counterKey(policy, key));
    },
    cleanup: async () => {
      const now = clock.now().getTime();
      for (const [key, { expiresAt, pendingUntil }] of counters) {
        if (expiresAt <= now && pendingUntil <= now) counters.delete(key);
      }
    },
    close: async () => counters.clear(),
  };
}

function settle(counter: Counter, policy: Policy, { outcome, now }: { outcome: Outcome; now: number }): void {
  const window = policy.windowSeconds * 1000;
  if (outcome === 'cleared') Object.assign(counter, { used: 0, blockedUntil: 0, expiresAt: 0 });
  if (outcome !== 'failed') return;
  if (counter.used === 0) counter.expiresAt = now + window;
  counter.used++;
  if (counter.used < policy.limit) return;
  if (policy.firstWaitSeconds === undefined) {
    counter.blockedUntil = counter.expiresAt;
    return;
  }
  const wait = policy.firstWaitSeconds * 1000 * 2 ** (counter.used - policy.limit);
  counter.blockedUntil = now + Math.min(wait, window);
  counter.expiresAt = counter.blockedUntil + window;
}
