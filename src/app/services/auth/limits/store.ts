/** One limit: so many in so long for each key. */
export interface Policy {
  name: string;
  limit: number;
  window_seconds: number;
  /**
   * Where given, every failure from the limit on brings a wait, the first so long, each twice the one before, none longer
   * than the window; without one for a window after the wait, all is forgotten. Else the rest of the window is refused.
   */
  first_wait_seconds?: number;
}

/** What a client may know of a limit that its request met. */
export interface Quota {
  policy: Policy;
  /** Absent if it would tell of other people's attempts. */
  standing?: { remaining: number; resets_in_seconds: number };
}

/** What an attempt turned out to be: `refunded` gives only its place back, `cleared` forgets the failures before it too. */
export type Outcome = 'failed' | 'refunded' | 'cleared';

export interface Usage {
  used: number;
  /** Until `used` starts again from zero. */
  resets_in_seconds: number;
}

export interface Standing {
  /** `busy`: the attempts under way may use up what is left; ask again when one of them ends. */
  state: 'granted' | 'busy' | 'refused';
  /** Attempts under way, this one included. */
  pending: number;
  /** Where refused: how long. */
  wait_seconds: number;
}

/**
 * Where limits are counted. Each call is atomic among all who share the store. An attempt takes a place before its
 * work and settles it afterwards, so failures and attempts under way together never exceed the limit, however many
 * come at once; once the limit is reached, one attempt at a time may follow each wait.
 */
export interface LimitStore {
  /** Counts `n` events into the key's window and opens one where none is. */
  count: (policy: Policy, key: string, n: number) => Promise<Usage>;
  take: (policy: Policy, key: string) => Promise<Standing>;
  /** Settles one place; says how many failures the key has now. */
  settle: (policy: Policy, key: string, outcome: Outcome) => Promise<number>;
  /** Forgets the key. */
  clear: (policy: Policy, key: string) => Promise<void>;
  /** Drops what has expired, where the store does not do so itself. */
  sweep: () => Promise<void>;
  close: () => Promise<void>;
}

/** Longest that an attempt can be under way: it waits for a place, then for its hash. Whoever takes longer has died. */
export const LEASE_SECONDS = 60;

/** The key under which a store keeps a policy's counter. */
export function counterKey(policy: Pick<Policy, 'name'>, key: string): string {
  return `${policy.name}:${key}`;
}
