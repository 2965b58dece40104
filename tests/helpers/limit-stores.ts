import { createClient, type RedisClientType } from '@redis/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { type Counter, createMemoryStore } from '../../src/app/services/auth/limits/memory.ts';
import { createPostgresStore } from '../../src/app/services/auth/limits/postgres.ts';
import { createRedisStore } from '../../src/app/services/auth/limits/redis.ts';
import type { LimitStore } from '../../src/app/services/auth/limits/store.ts';
import { createTestDatabase } from './database.ts';
import { startRedis } from './redis.ts';

/** A store of limits under test, with a clock that the test moves. */
export interface StoreBench {
  store: LimitStore;
  /** Moves the store's clock forward. */
  advance: (seconds: number) => Promise<void>;
  /** The number of counters that the store keeps. */
  size: () => Promise<number>;
  end: () => Promise<void>;
}

/** Counters in memory, with a clock that stands still. */
export async function inMemory(): Promise<StoreBench> {
  let now = Date.now();
  const counters = new Map<string, Counter>();
  const store = createMemoryStore({ now: () => new Date(now) }, counters);
  return {
    store,
    advance: async (seconds) => {
      now += seconds * 1000;
    },
    size: async () => counters.size,
    end: () => store.close(),
  };
}

/** Counters in a PostgreSQL database of their own; its clock moves because the rows move back. */
export async function inPostgres(): Promise<StoreBench> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  // The end of the database ends idle connections.
  pool.on('error', () => {});
  const store = createPostgresStore(drizzle({ client: pool }), { days_refresh_token_expire: 7 });
  return {
    store,
    advance: async (seconds) => {
      await pool.query(
        `update rate_limits set pending_until = pending_until - make_interval(secs => $1),
           blocked_until = blocked_until - make_interval(secs => $1), expires_at = expires_at - make_interval(secs => $1)`,
        [seconds],
      );
    },
    size: async () => (await pool.query('select 1 from rate_limits')).rowCount ?? 0,
    end: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

const SHIFT = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  for _, field in ipairs({'pending_until', 'blocked_until', 'expires_at'}) do
    local value = tonumber(redis.call('HGET', key, field))
    redis.call('HSET', key, field, value - ARGV[1])
  end
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
end`;

/** Counters in a Redis of their own; its clock moves because the keys move back. */
export async function inRedis(): Promise<StoreBench> {
  const server = await startRedis();
  const client: RedisClientType = createClient({ url: server.url });
  await client.connect();
  const store = await createRedisStore(server.url, 'tests');
  return {
    store,
    advance: async (seconds) => {
      await client.eval(SHIFT, { arguments: [String(seconds * 1000)] });
    },
    size: () => client.dbSize(),
    end: async () => {
      await store.close();
      client.destroy();
      await server.stop();
    },
  };
}
