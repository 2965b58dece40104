import type { Clock, Log } from '../../../core.ts';
import { withinDeadline } from '../../../utils/deadline.ts';
import { createMemoryStore } from './memory.ts';
import type { LimitStore, Outcome, Policy, Standing, Usage } from './store.ts';

/** A store's answer, and the way to settle the place in that same store, wherever it was. */
export interface Taken extends Standing {
  settle: (outcome: Outcome) => Promise<number>;
}

/** The limits' store, which always answers: while the shared one is away this process counts for itself. */
export interface SteadyStore {
  count: (policy: Policy, key: string, n: number) => Promise<Usage>;
  take: (policy: Policy, key: string) => Promise<Taken>;
  clear: (policy: Policy, key: string) => Promise<void>;
  sweep: () => Promise<void>;
  close: () => Promise<void>;
}

interface Surroundings {
  clock: Clock;
  log: Log;
  /** The shared store did not answer. */
  onLost: () => void;
}

const DEADLINE_MS = 2000;
/** How long the shared store is left alone after a failure. */
const RETRY_MS = 5000;

/** `open` gives the shared store, on first use. A limit is never lifted because its store fails: then each process holds it alone. */
export function createSteadyStore(open: () => Promise<LimitStore>, surroundings: Surroundings): SteadyStore {
  const local = createMemoryStore(surroundings.clock);
  const shared = createReachableStore(open, surroundings);
  const { attempt } = shared;

  return {
    count: async (policy, key, n) => {
      const done = await attempt((store) => store.count(policy, key, n));
      return done?.answer ?? local.count(policy, key, n);
    },
    take: async (policy, key) => {
      const { store, answer } = (await attempt((store) => store.take(policy, key))) ?? {
        store: local,
        answer: await local.take(policy, key),
      };
      const settle = async (outcome: Outcome): Promise<number> => {
        if (store === local) return local.settle(policy, key, outcome);
        // A store that went away in between keeps the place until its lease ends, and the failure counts here.
        const done = await attempt((store) => store.settle(policy, key, outcome));
        return done?.answer ?? local.settle(policy, key, outcome);
      };
      return { ...answer, settle };
    },
    clear: async (policy, key) => {
      await local.clear(policy, key);
      await attempt((store) => store.clear(policy, key));
    },
    sweep: async () => {
      await local.sweep();
      await attempt((store) => store.sweep());
    },
    close: async () => {
      await local.close();
      await shared.close();
    },
  };
}

/** The shared store where it answers; `undefined`, at once after a failure, where it does not. */
interface ReachableStore {
  attempt: <T>(work: (store: LimitStore) => Promise<T>) => Promise<{ store: LimitStore; answer: T } | undefined>;
  close: () => Promise<void>;
}

function createReachableStore(open: () => Promise<LimitStore>, { clock, log, onLost }: Surroundings): ReachableStore {
  let shared: Promise<LimitStore> | undefined;
  let away_until: number | undefined;

  const attempt = async <T>(
    work: (store: LimitStore) => Promise<T>,
  ): Promise<{ store: LimitStore; answer: T } | undefined> => {
    const now = clock.now().getTime();
    // A clock that was set back must not make the pause longer.
    if (away_until !== undefined && now < away_until && away_until - now <= RETRY_MS) return undefined;
    // One request looks whether the store is back; the others need not wait with it.
    if (away_until !== undefined) away_until = now + RETRY_MS;
    try {
      shared ??= open();
      const store = await shared;
      const answer = await withinDeadline(DEADLINE_MS, work(store));
      if (away_until !== undefined) log.info({ event: 'limits.store_back' }, 'the store of the limits answers again');
      away_until = undefined;
      return { store, answer };
    } catch (err) {
      onLost();
      if (away_until === undefined)
        log.error(
          { event: 'limits.store_lost', err },
          'the store of the limits does not answer; this process counts for itself',
        );
      away_until = clock.now().getTime() + RETRY_MS;
      return undefined;
    }
  };

  const close = async (): Promise<void> => {
    await shared?.then(
      (store) => store.close(),
      () => {},
    );
  };
  return { attempt, close };
}
