import type { Clock } from '../../../core.ts';

/** Remembers who was refused what, so that a client that keeps asking does not fill the audit table. */
export interface Refusals {
  /** True for the first refusal of its kind in a minute. */
  isFirst: (key: string) => boolean;
}

const QUIET_MS = 60_000;
const MAX_REMEMBERED = 1000;

/** Starts with nothing remembered; past the maximum the oldest refusal is forgotten. */
export function createRefusals(clock: Clock): Refusals {
  const last = new Map<string, number>();
  return {
    isFirst: (key) => {
      const now = clock.now().getTime();
      if (now - (last.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return false;
      last.delete(key);
      last.set(key, now);
      const [oldest] = last.keys();
      if (last.size > MAX_REMEMBERED && oldest !== undefined) last.delete(oldest);
      return true;
    },
  };
}
