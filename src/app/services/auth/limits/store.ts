import type { Database } from '../../../database.ts';
import type { Role } from '../../../models/auth/users.ts';

/** A limit: at most `limit` events of a key in a window. */
export interface Policy {
  name: string;
  limit: number;
  windowSeconds: number;
  /**
   * If given, every failure from the limit on starts a wait. The first wait has this length, each following one is twice
   * as long, none is longer than the window. A window without a failure after the wait resets the counter. If not given,
   * the rest of the window is refused.
   */
  firstWaitSeconds?: number;
}

/** The part of a limit that the client of a request may know. */
export interface Quota {
  policy: Policy;
  /** Absent if it would disclose the attempts of other people. */
  standing?: { remaining: number; resetsInSeconds: number };
}

/** The result of an attempt: `refunded` returns the permit only, `cleared` also resets the key's failures. */
export type Outcome = 'failed' | 'refunded' | 'cleared';

/** The session that an event comes from: the event counts only while the session lives and its account has the role. */
export interface Origin {
  session_id: string;
  user_id: string;
  /** Any role if not given. */
  role?: Role | undefined;
  /** The same, as the request finds it. A store that is not PostgreSQL waits for it. */
  confirmed: Promise<unknown>;
}

export interface Usage {
  used: number;
  /** Until `used` starts again from zero. */
  resetsInSeconds: number;
}

/** The right to make one attempt; the holder releases it. */
export interface Permit {
  state: 'granted';
  policy: Policy;
  key: string;
  /** Permits that are held for the key, this one included. */
  pending: number;
}

/** A statement of the caller that travels with a call of the store: in its transaction if the store is PostgreSQL, otherwise by itself. */
export type Companion = (db?: Database) => Promise<unknown>;

/** `busy`: the attempts under way may use up the limit; ask again when one of them ends. */
export type Acquisition = Permit | { state: 'busy' } | { state: 'refused'; waitSeconds: number };

/**
 * Counts events and attempts. Each call is atomic among all processes that share the store. An attempt acquires a permit
 * before its work and releases it afterwards, so failures and permits together never exceed the limit. At the limit, one
 * attempt at a time may follow each wait. The store in memory is the specification; the others are tested against it.
 */
export interface LimitStore {
  /** `after` sees what others did before they released their permits. */
  acquire: (policy: Policy, key: string, after?: Companion) => Promise<Acquisition>;
  /**
   * Releases a permit and returns the key's failures. A failure counts even if the key was cleared or has expired. Who acquires
   * the permit next sees what `before` did.
   */
  release: (permit: Permit, outcome: Outcome, before?: Companion) => Promise<number>;
  /** Counts `n` events in the key's window; opens a window if there is none. With an `origin`, nothing may be counted. */
  count: (policy: Policy, key: string, n?: number, origin?: Origin) => Promise<Usage>;
  /** Takes one event back, as long as the window that may hold it is open. */
  giveBack: (policy: Policy, key: string) => Promise<void>;
  /** Removes the key. */
  clear: (policy: Policy, key: string) => Promise<void>;
  /** Removes expired counters, if the store does not expire them itself. */
  cleanup: () => Promise<void>;
  close: () => Promise<void>;
}

/** The longest time an attempt may take: it waits for a permit, then for its hash. A permit that is older is void. */
export const LEASE_SECONDS = 60;

/** The key under which a store keeps a policy's counter. */
export function counterKey(policy: Pick<Policy, 'name'>, key: string): string {
  return `${policy.name}:${key}`;
}
