import { setTimeout as sleep } from 'node:timers/promises';
import type { Core } from '../../../core.ts';
import { currentTrace, inTrace, type Trace } from '../../../observability/trace.ts';
import type { AppError } from '../../../utils/errors.ts';
import { startPeriodicTask } from '../../../utils/periodic-task.ts';
import { tooManyPasswords } from '../overload.ts';
import { createSteadyStore, type SteadyStore, type Taken } from './fallback.ts';
import { createPostgresStore } from './postgres.ts';
import { createRedisStore } from './redis.ts';
import { counterKey, type Policy, type Usage } from './store.ts';

/** Counts for every request of this process; those that want the same counter at the same time share the way to the store. */
export interface Limiter {
  /** Counts one event; the answer says which one in its window it is. */
  count: (policy: Policy, key: string) => Promise<Usage>;
  /** Takes a place, `granted` or `refused`; waits while others under way decide. Throws service_unavailable where that takes too long. */
  take: (policy: Policy, key: string) => Promise<Taken>;
  clear: (policy: Policy, key: string) => Promise<void>;
  sweep: () => Promise<void>;
  close: () => Promise<void>;
}

interface Waiter {
  until: number;
  /** On whose behalf the store is asked. */
  trace: Trace | undefined;
  resolve: (taken: Taken) => void;
  reject: (error: AppError) => void;
}

interface Counting {
  trace: Trace | undefined;
  resolve: (usage: Usage) => void;
}

interface Line {
  waiters: Waiter[];
  /** Ends the head's pause: a place may have come back. */
  wake: AbortController;
}

const MAX_WAITING = 256;
const MAX_WAIT_MS = 15_000;
/** How often the head of a line asks again while places are held by another process. */
const ASK_AGAIN_MS = 100;
const SWEEP_MS = 5 * 60_000;

/** Counts in Redis where REDIS_URL is set, else in PostgreSQL, and sweeps up behind itself. */
export function createLimiter({ config, db, clock, log, metrics }: Core): Limiter {
  const postgres = createPostgresStore(db, config.limit_login_failures_in_a_row);
  const url = config.redis_url?.reveal();
  const store = createSteadyStore(async () => (url === undefined ? postgres : createRedisStore(url)), {
    clock,
    log,
    onLost: () => metrics.rate_limit_store_failures_total.inc('shared'),
  });
  const sweep = async (): Promise<void> => {
    await store.sweep();
    if (url !== undefined) await postgres.sweep();
  };
  const rounds = startPeriodicTask(sweep, {
    everyMs: SWEEP_MS,
    onFailure: (err) => log.warn({ event: 'limits.sweep_failed', err }, 'expired counters were not removed'),
  });
  return {
    count: createCounting(store),
    take: createLines(store),
    clear: store.clear,
    sweep,
    close: async () => {
      rounds.close();
      await store.close();
    },
  };
}

/** Events of one key that come while one is being counted are counted together afterwards. */
function createCounting(store: SteadyStore): Limiter['count'] {
  const open = new Map<string, Counting[]>();

  const countAll = async (policy: Policy, key: string, waiting: Counting[]): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      const { used, resets_in_seconds } = await inTrace(batch[0]?.trace, () => store.count(policy, key, batch.length));
      for (const [index, { resolve }] of batch.entries())
        resolve({ used: used - batch.length + index + 1, resets_in_seconds });
    }
    open.delete(counterKey(policy, key));
  };

  return (policy, key) =>
    new Promise((resolve) => {
      const gathering = open.get(counterKey(policy, key));
      const counting = { trace: currentTrace(), resolve };
      if (gathering !== undefined) return void gathering.push(counting);
      const waiting = [counting];
      open.set(counterKey(policy, key), waiting);
      void countAll(policy, key, waiting);
    });
}

/** One line per key: only its head asks the store, and a refusal of the head refuses all behind it. */
function createLines(store: SteadyStore): Limiter['take'] {
  const lines = new Map<string, Line>();

  const serve = async (policy: Policy, key: string, line: Line): Promise<void> => {
    const name = counterKey(policy, key);
    while (line.waiters.length > 0) {
      line.wake = new AbortController();
      const taken = await inTrace(line.waiters[0]?.trace, () => store.take(policy, key));
      const settle: Taken['settle'] = (outcome) => taken.settle(outcome).finally(() => lines.get(name)?.wake.abort());
      if (taken.state === 'granted') line.waiters.shift()?.resolve({ ...taken, settle });
      else if (taken.state === 'refused') for (const { resolve } of line.waiters.splice(0)) resolve(taken);
      else await sleep(ASK_AGAIN_MS, undefined, { signal: line.wake.signal }).catch(() => {});
      line.waiters = line.waiters.filter((waiter) => !gaveUp(waiter));
    }
    lines.delete(name);
  };

  return (policy, key) =>
    new Promise((resolve, reject) => {
      const known = lines.get(counterKey(policy, key));
      const line = known ?? { waiters: [], wake: new AbortController() };
      if (line.waiters.length >= MAX_WAITING) return reject(tooManyPasswords());
      line.waiters.push({ until: performance.now() + MAX_WAIT_MS, trace: currentTrace(), resolve, reject });
      if (known !== undefined) return;
      lines.set(counterKey(policy, key), line);
      void serve(policy, key, line);
    });
}

function gaveUp({ until, reject }: Waiter): boolean {
  const isLate = performance.now() > until;
  if (isLate) reject(tooManyPasswords());
  return isLate;
}
