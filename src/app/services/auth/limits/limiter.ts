import type { Core } from '../../../core.ts';
import { startPeriodicTask } from '../../../utils/periodic-task.ts';
import { apart } from './apart.ts';
import { type BatchingStore, createBatchingStore } from './batching.ts';
import { createFallbackStore } from './fallback.ts';
import { createPostgresStore } from './postgres.ts';
import { createRedisStore, redisPrefix } from './redis.ts';

const CLEANUP_MS = 5 * 60_000;

/** The counters of this process. */
export interface Limiter extends BatchingStore {
  /** Runs statements that count in PostgreSQL by themselves; `undefined` if the counters are elsewhere or out of reach. */
  inDatabase: <T>(work: () => Promise<T>) => Promise<T | undefined>;
}

/** The store of this process: Redis if REDIS_URL is set, otherwise PostgreSQL; removes expired counters by itself. */
export function createLimiter({ config, db, clock, log, metrics }: Core): Limiter {
  const postgres = createPostgresStore(db, config);
  const url = config.redis_url?.reveal();
  const store = createFallbackStore(
    async () => (url === undefined ? postgres : createRedisStore(url, redisPrefix(config))),
    {
      clock,
      log,
      onLost: () => metrics.rate_limit_store_failures_total.inc('shared'),
    },
  );
  const cleanup = async (): Promise<void> => {
    await store.cleanup();
    if (url !== undefined) await postgres.cleanup();
  };
  const task = startPeriodicTask(cleanup, {
    everyMs: CLEANUP_MS,
    onFailure: (err) => log.warn({ event: 'limits.cleanup_failed', err }, 'expired counters were not removed'),
  });
  return {
    // Its deadline is shorter than a statement on the database may take.
    ...createBatchingStore(url === undefined ? store : apart(store)),
    inDatabase: async (work) => (url === undefined ? store.attempt(work) : undefined),
    cleanup,
    close: async () => {
      task.close();
      await store.close();
    },
  };
}
