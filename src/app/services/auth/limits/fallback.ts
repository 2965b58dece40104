import type { Clock, Log } from '../../../core.ts';
import { hasNoTimeLeft } from '../../../database.ts';
import { withinDeadline } from '../../../utils/deadline.ts';
import { apart } from './apart.ts';
import { createMemoryStore } from './memory.ts';
import type { LimitStore, Permit } from './store.ts';

interface Surroundings {
  clock: Clock;
  log: Log;
  /** The shared store did not answer. */
  onLost: () => void;
}

const DEADLINE_MS = 2000;
/** The pause after a failure of the shared store. */
const RETRY_MS = 5000;

export interface FallbackStore extends LimitStore {
  /** Runs work that uses the shared store by itself; `undefined` if that does not answer. */
  attempt: ReachableStore['attempt'];
}

/**
 * A store that always answers: while the shared store is away this process counts by itself, so a limit is never lifted
 * because its store fails. `open` gives the shared store, on first use.
 */
export function createFallbackStore(open: () => Promise<LimitStore>, surroundings: Surroundings): FallbackStore {
  const local = apart(createMemoryStore(surroundings.clock));
  const shared = createReachableStore(open, surroundings);
  const { attempt } = shared;
  /** The permits that the shared store granted. */
  const sharedPermits = new WeakSet<Permit>();

  return {
    attempt,
    acquire: async (policy, key, after) => {
      const acquisition = await attempt((store) => store.acquire(policy, key, after));
      if (acquisition?.state === 'granted') sharedPermits.add(acquisition);
      return acquisition ?? local.acquire(policy, key, after);
    },
    release: async (permit, outcome, before) => {
      // If the shared store goes away meanwhile, its permit expires there and the failure counts here.
      const release = (store: LimitStore): Promise<number> => store.release(permit, outcome, before);
      return (sharedPermits.has(permit) ? await attempt(release) : undefined) ?? release(local);
    },
    count: async (policy, key, n, origin) =>
      (await attempt((store) => store.count(policy, key, n, origin))) ?? local.count(policy, key, n, origin),
    giveBack: async (policy, key) => {
      await local.giveBack(policy, key);
      await attempt((store) => store.giveBack(policy, key));
    },
    clear: async (policy, key) => {
      await local.clear(policy, key);
      await attempt((store) => store.clear(policy, key));
    },
    cleanup: async () => {
      await local.cleanup();
      await attempt((store) => store.cleanup());
    },
    close: async () => {
      await local.close();
      await shared.close();
    },
  };
}

/** The answer of the shared store, or `undefined` if it does not answer; at once after a failure. */
interface ReachableStore {
  attempt: <T>(work: (store: LimitStore) => Promise<T>) => Promise<T | undefined>;
  close: () => Promise<void>;
}

function createReachableStore(open: () => Promise<LimitStore>, { clock, log, onLost }: Surroundings): ReachableStore {
  let shared: Promise<LimitStore> | undefined;
  let awayUntil: number | undefined;

  const attempt = async <T>(work: (store: LimitStore) => Promise<T>): Promise<T | undefined> => {
    const now = clock.now().getTime();
    // A clock that was set back must not make the pause longer.
    if (awayUntil !== undefined && now < awayUntil && awayUntil - now <= RETRY_MS) return undefined;
    // One request tests whether the store is back; the others do not wait with it.
    if (awayUntil !== undefined) awayUntil = now + RETRY_MS;
    try {
      shared ??= open();
      const store = await shared;
      const answer = await withinDeadline(DEADLINE_MS, work(store));
      if (awayUntil !== undefined) log.info({ event: 'limits.store_back' }, 'the store of the limits answers again');
      awayUntil = undefined;
      return answer;
    } catch (err) {
      // A request that has waited elsewhere had no time left for an answer.
      if (hasNoTimeLeft(err)) return undefined;
      onLost();
      if (awayUntil === undefined)
        log.error(
          { event: 'limits.store_lost', err },
          'the store of the limits does not answer; this process counts for itself',
        );
      awayUntil = clock.now().getTime() + RETRY_MS;
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
