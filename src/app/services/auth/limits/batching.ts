import { setTimeout as sleep } from 'node:timers/promises';
import { currentTrace, inTrace, type Trace } from '../../../observability/trace.ts';
import {
  type Acquisition,
  type Companion,
  counterKey,
  type LimitStore,
  type Origin,
  type Policy,
  type Usage,
} from './store.ts';

interface Waiter {
  until: number;
  after: Companion | undefined;
  /** The request that pays for the call to the store. */
  trace: Trace | undefined;
  resolve: (acquisition: Acquisition) => void;
  reject: (error: unknown) => void;
}

interface Counting {
  trace: Trace | undefined;
  n: number;
  resolve: (usage: Usage) => void;
  reject: (error: unknown) => void;
}

interface Line {
  waiters: Waiter[];
  /** Ends the pause of the head: a permit may have come back. */
  wake: AbortController;
}

/** A store whose calls are shared. */
export interface BatchingStore extends LimitStore {
  /** Asks for a permit of each counter at the same time; `undefined` if another request is about to get one of them. */
  acquireFree: (
    counters: readonly { policy: Policy; key: string; after?: Companion }[],
  ) => Promise<readonly Acquisition[] | undefined>;
}

const MAX_WAITING = 256;
const MAX_WAIT_MS = 15_000;
/** The head of a line repeats its request this often while another process holds the permits. */
const RETRY_BUSY_MS = 100;

/** Requests of one key that come at the same moment share a call to the store; `busy` now means that a caller has waited too long. */
export function createBatchingStore(store: LimitStore): BatchingStore {
  const lines = new Map<string, Line>();
  const free = new Set<string>();
  return {
    ...store,
    acquireFree: async (counters) => {
      const names = counters.map(({ policy, key }) => counterKey(policy, key));
      if (names.some((name) => lines.has(name) || free.has(name))) return undefined;
      for (const name of names) free.add(name);
      try {
        return await Promise.all(counters.map(({ policy, key, after }) => store.acquire(policy, key, after)));
      } finally {
        for (const name of names) free.delete(name);
      }
    },
    acquire: createLines(store, lines),
    release: (permit, outcome, before) =>
      store
        .release(permit, outcome, before)
        .finally(() => lines.get(counterKey(permit.policy, permit.key))?.wake.abort()),
    count: createCounting(store),
  };
}

/** One line per key: only its head calls the store, and a refusal of the head refuses the whole line. */
function createLines(store: LimitStore, lines: Map<string, Line>): LimitStore['acquire'] {
  const serve = async (
    name: string,
    line: Line,
    acquire: (after?: Companion) => Promise<Acquisition>,
  ): Promise<void> => {
    try {
      while (line.waiters.length > 0) {
        line.wake = new AbortController();
        const acquisition = await inTrace(line.waiters[0]?.trace, () => acquire(line.waiters[0]?.after));
        if (acquisition.state === 'granted') line.waiters.shift()?.resolve(acquisition);
        else if (acquisition.state === 'refused')
          for (const { resolve } of line.waiters.splice(0)) resolve(acquisition);
        else await sleep(RETRY_BUSY_MS, undefined, { signal: line.wake.signal }).catch(() => {});
        line.waiters = line.waiters.filter(isInTime);
      }
    } catch (error) {
      rejectAll(line.waiters, error);
    } finally {
      lines.delete(name);
    }
  };

  return (policy, key, after) =>
    new Promise((resolve, reject) => {
      const name = counterKey(policy, key);
      const known = lines.get(name);
      const line = known ?? { waiters: [], wake: new AbortController() };
      if (line.waiters.length >= MAX_WAITING) return resolve({ state: 'busy' });
      line.waiters.push({ until: performance.now() + MAX_WAIT_MS, after, trace: currentTrace(), resolve, reject });
      if (known !== undefined) return;
      lines.set(name, line);
      void serve(name, line, (after) => store.acquire(policy, key, after));
    });
}

function isInTime({ until, resolve }: Waiter): boolean {
  const isLate = performance.now() > until;
  if (isLate) resolve({ state: 'busy' });
  return !isLate;
}

/** Events of a key and an origin that come while a count is under way are counted together after it. */
function createCounting(store: LimitStore): LimitStore['count'] {
  const open = new Map<string, Counting[]>();

  return (policy, key, n = 1, origin) =>
    new Promise((resolve, reject) => {
      const name = countingName(counterKey(policy, key), origin);
      const gathering = open.get(name);
      const counting = { trace: currentTrace(), n, resolve, reject };
      if (gathering !== undefined) return void gathering.push(counting);
      const waiting = [counting];
      open.set(name, waiting);
      void countAll(
        waiting,
        (n) => store.count(policy, key, n, origin),
        () => open.delete(name),
      );
    });
}

function countingName(name: string, origin: Origin | undefined): string {
  return origin === undefined ? name : `${name} ${origin.session_id} ${origin.role}`;
}

/** Counts until no event waits; `onIdle` runs before another event can join. */
async function countAll(waiting: Counting[], count: (n: number) => Promise<Usage>, onIdle: () => void): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting.splice(0);
    const total = batch.reduce((sum, { n }) => sum + n, 0);
    try {
      const { used, resetsInSeconds } = await inTrace(batch[0]?.trace, () => count(total));
      let counted = used - total;
      for (const { n, resolve } of batch) {
        counted += n;
        resolve({ used: counted, resetsInSeconds });
      }
    } catch (error) {
      rejectAll(batch, error);
    }
  }
  onIdle();
}

function rejectAll(waiting: Pick<Waiter, 'reject'>[], error: unknown): void {
  for (const { reject } of waiting.splice(0)) reject(error);
}
