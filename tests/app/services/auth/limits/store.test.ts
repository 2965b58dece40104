import { createClient, type RedisClientType } from '@redis/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counter, createMemoryStore } from '../../../../../src/app/services/auth/limits/memory.ts';
import { createPostgresStore } from '../../../../../src/app/services/auth/limits/postgres.ts';
import { createRedisStore } from '../../../../../src/app/services/auth/limits/redis.ts';
import {
  LEASE_SECONDS,
  type LimitStore,
  type Outcome,
  type Policy,
} from '../../../../../src/app/services/auth/limits/store.ts';
import { createTestDatabase } from '../../../../helpers/database.ts';
import { HAS_REDIS, startRedis } from '../../../../helpers/redis.ts';

interface Bench {
  store: LimitStore;
  /** Lets so much time pass for everything that is counted. */
  advance: (seconds: number) => Promise<void>;
  /** How many counters are kept. */
  size: () => Promise<number>;
  end: () => Promise<void>;
}

const WINDOW: Policy = { name: 'window', limit: 3, window_seconds: 100 };
const DOUBLING: Policy = { name: 'doubling', limit: 3, window_seconds: 300, first_wait_seconds: 60 };
let serial = 0;
const newKey = (): string => `key-${++serial}`;

describe('the store in memory', () => contract(inMemory));
describe('the store in PostgreSQL', () => contract(inPostgres));
describe.skipIf(!HAS_REDIS)(`the store in Redis${HAS_REDIS ? '' : ' (skipped: redis-server is not installed)'}`, () =>
  contract(inRedis),
);

function contract(open: () => Promise<Bench>): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.end());

  const fail = async (policy: Policy, key: string): Promise<void> => {
    expect((await bench.store.take(policy, key)).state).toBe('granted');
    await bench.store.settle(policy, key, 'failed');
  };
  const states = async (policy: Policy, key: string, n: number): Promise<string[]> => {
    const taken = await Promise.all(Array.from({ length: n }, () => bench.store.take(policy, key)));
    return taken.map(({ state }) => state).sort();
  };

  it('counts events into one window and starts again when it is over', async () => {
    const key = newKey();
    expect((await bench.store.count(WINDOW, key, 2)).used).toBe(2);
    await bench.advance(40);
    const second = await bench.store.count(WINDOW, key, 1);
    expect(second.used).toBe(3);
    expect(second.resets_in_seconds).toBeGreaterThan(55);
    expect(second.resets_in_seconds).toBeLessThanOrEqual(60);
    await bench.advance(60);
    expect((await bench.store.count(WINDOW, key, 1)).used).toBe(1);
  });

  it('loses no event of many that come at once', async () => {
    const key = newKey();
    const usages = await Promise.all(Array.from({ length: 40 }, () => bench.store.count(WINDOW, key, 1)));
    expect(usages.map(({ used }) => used).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('refuses nobody while nothing has failed, however many come and go at once', async () => {
    const key = newKey();
    const comeAndGo = async (): Promise<string[]> => {
      const seen: string[] = [];
      for (let n = 0; n < 25; n++) {
        const { state } = await bench.store.take(WINDOW, key);
        if (state === 'granted') await bench.store.settle(WINDOW, key, 'cleared');
        seen.push(state);
      }
      return seen;
    };
    const seen = (await Promise.all(Array.from({ length: 10 }, comeAndGo))).flat();
    expect(seen).toContain('granted');
    expect(seen).not.toContain('refused');
  });

  it('gives at most as many places at once as may still fail', async () => {
    const key = newKey();
    await fail(WINDOW, key);
    expect(await states(WINDOW, key, 6)).toEqual(['busy', 'busy', 'busy', 'busy', 'granted', 'granted']);
  });

  it.each<[Outcome, string]>([
    ['failed', 'refused'],
    ['refunded', 'granted'],
    ['cleared', 'granted'],
  ])('answers the next one, once the last place is %s: %s', async (outcome, state) => {
    const key = newKey();
    await fail(WINDOW, key);
    await fail(WINDOW, key);
    await bench.store.take(WINDOW, key);
    expect((await bench.store.take(WINDOW, key)).state).toBe('busy');
    await bench.store.settle(WINDOW, key, outcome);
    expect((await bench.store.take(WINDOW, key)).state).toBe(state);
  });

  it('counts the attempts under way, the new one included', async () => {
    const key = newKey();
    expect((await bench.store.take(WINDOW, key)).pending).toBe(1);
    expect((await bench.store.take(WINDOW, key)).pending).toBe(2);
    await bench.store.settle(WINDOW, key, 'refunded');
    expect((await bench.store.take(WINDOW, key)).pending).toBe(2);
  });

  it('forgets failures by a right attempt, but not for a refunded one', async () => {
    const key = newKey();
    for (const outcome of ['failed', 'refunded', 'failed', 'cleared', 'failed'] as const) {
      await bench.store.take(WINDOW, key);
      await bench.store.settle(WINDOW, key, outcome);
    }
    expect(await states(WINDOW, key, 3)).toEqual(['busy', 'granted', 'granted']);
  });

  it('refuses until the window ends, to the second', async () => {
    const key = newKey();
    await fail(WINDOW, key);
    await bench.advance(40);
    await fail(WINDOW, key);
    await fail(WINDOW, key);
    const refused = await bench.store.take(WINDOW, key);
    expect(refused.state).toBe('refused');
    expect(Math.ceil(refused.wait_seconds)).toBe(60);
    await bench.advance(59);
    expect((await bench.store.take(WINDOW, key)).state).toBe('refused');
    await bench.advance(1);
    expect(await states(WINDOW, key, 4)).toEqual(['busy', 'granted', 'granted', 'granted']);
  });

  it('doubles the wait with every failure up to the window, and lets one attempt at a time follow it', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(DOUBLING, key);
    for (const wait of [60, 120, 240, 300, 300]) {
      const refused = await bench.store.take(DOUBLING, key);
      expect([refused.state, Math.ceil(refused.wait_seconds)]).toEqual(['refused', wait]);
      await bench.advance(wait);
      expect(await states(DOUBLING, key, 3)).toEqual(['busy', 'busy', 'granted']);
      await bench.store.settle(DOUBLING, key, 'failed');
    }
  });

  it('begins anew after a wait and a window without failures', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(DOUBLING, key);
    await bench.advance(60 + 300);
    expect(await states(DOUBLING, key, 4)).toEqual(['busy', 'granted', 'granted', 'granted']);
  });

  it('takes a place back from whoever died with it', async () => {
    const key = newKey();
    expect(await states(WINDOW, key, 3)).toEqual(['granted', 'granted', 'granted']);
    await bench.advance(LEASE_SECONDS - 1);
    expect((await bench.store.take(WINDOW, key)).state).toBe('busy');
    await bench.advance(1);
    expect((await bench.store.take(WINDOW, key)).state).toBe('granted');
  });

  it('says how many failures there are, and counts none for a key that it was told to forget', async () => {
    const key = newKey();
    await fail(WINDOW, key);
    await bench.store.take(WINDOW, key);
    expect(await bench.store.settle(WINDOW, key, 'failed')).toBe(2);
    await bench.store.clear(WINDOW, key);
    expect(await states(WINDOW, key, 3)).toEqual(['granted', 'granted', 'granted']);
  });

  it('keeps keys and policies apart', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(WINDOW, key);
    expect((await bench.store.take(WINDOW, newKey())).state).toBe('granted');
    expect((await bench.store.take(DOUBLING, key)).state).toBe('granted');
  });

  it('keeps nothing of what has expired', async () => {
    await bench.advance(10_000);
    await bench.store.sweep();
    const before = await bench.size();
    await fail(WINDOW, newKey());
    await bench.store.count(DOUBLING, newKey(), 1);
    await bench.advance(100);
    await bench.store.sweep();
    expect([before, await bench.size()]).toEqual([0, 1]);
  });
}

async function inMemory(): Promise<Bench> {
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

async function inPostgres(): Promise<Bench> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  const store = createPostgresStore(drizzle({ client: pool }), 100);
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

async function inRedis(): Promise<Bench> {
  const server = await startRedis();
  const client: RedisClientType = createClient({ url: server.url });
  await client.connect();
  const store = await createRedisStore(server.url);
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
