import { createClient, type RedisClientType } from '@redis/client';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../../../src/app/app.ts';
import { Secret } from '../../../../../src/app/utils/secret.ts';
import { PASSWORD, startApi } from '../../../../helpers/api.ts';
import { HAS_REDIS, type RedisServer, startRedis } from '../../../../helpers/redis.ts';
import { startSilentServer } from '../../../../helpers/silent-server.ts';

const api = startApi();
const RETRY_MS = 5000;
const skipped = HAS_REDIS ? '' : ' (skipped: redis-server is not installed)';
let ahead_ms = 0;
let logs: Record<string, unknown>[] = [];
let app: FastifyInstance;

afterEach(() => app.close());

/** An application that counts in the given Redis, with a clock that tests put forward. */
const open = async (redis_url: string | undefined): Promise<void> => {
  logs = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(JSON.parse(line)) });
  const clock = { now: () => new Date(Date.now() + ahead_ms) };
  const config = { ...api.config, redis_url: redis_url === undefined ? undefined : new Secret(redis_url) };
  app = await buildApp(config, { log, clock });
};
const login = async (email: string, password = 'wrong horse battery staple'): Promise<number> => {
  const response = await app.inject({ method: 'POST', url: '/auth/login', payload: { email, password } });
  return response.statusCode;
};
const failures = async (email: string, n: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < n; i++) statuses.push(await login(email));
  return statuses;
};
const times = (n: number, status: number): number[] => Array.from({ length: n }, () => status);
const events = (): unknown[] => logs.map(({ event }) => event).filter((event) => /^limits\.store/.test(String(event)));

describe.skipIf(!HAS_REDIS)(`with REDIS_URL${skipped}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('counts in Redis and nothing in PostgreSQL, for every process', async () => {
    await open(redis.url);
    const other = await buildApp(app.ctx.config, { log: app.log });
    const payload = { email: 'shared@example.com', password: 'wrong horse battery staple' };
    expect(await failures(payload.email, 6)).toEqual(times(6, 401));
    for (const status of [401, 401, 401, 401, 429]) {
      expect((await other.inject({ method: 'POST', url: '/auth/login', payload })).statusCode).toBe(status);
    }
    await other.close();
    expect(await api.sql('select 1 from rate_limits')).toEqual([]);
    const client: RedisClientType = createClient({ url: redis.url });
    await client.connect();
    const keys = await client.keys('*');
    expect(keys.filter((key) => /^back-[\w-]{10}:limits:login-/.test(key))).toHaveLength(3);
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
    client.destroy();
  });

  it('counts in the process while Redis is away, answers no 5xx, and goes back to it', async () => {
    await open(redis.url);
    const user = await api.user();
    expect(await failures(user.email, 2)).toEqual([401, 401]);
    await redis.stop();
    expect(await failures(user.email, 11)).toEqual([...times(10, 401), 429]);
    expect(await login((await api.user()).email, PASSWORD)).toBe(200);
    expect(events()).toEqual(['limits.store_lost']);
    await redis.start();
    const asked = async (): Promise<unknown[]> => {
      ahead_ms += RETRY_MS;
      await login(`${ahead_ms}@example.com`);
      return events();
    };
    await expect.poll(asked, { timeout: 10_000 }).toEqual(['limits.store_lost', 'limits.store_back']);
    expect(await login(user.email)).toBe(401);
  });
});

describe('a Redis that is not there', () => {
  it('leaves the limits to the process, from the first request on', async () => {
    await open('redis://127.0.0.1:1');
    expect(await failures('no-redis@example.com', 11)).toEqual([...times(10, 401), 429]);
    expect(events()).toEqual(['limits.store_lost']);
  });

  it('is waited for once for all when it takes connections and never answers', async () => {
    const { host, stop } = await startSilentServer();
    await open(`redis://${host}`);
    const start = performance.now();
    expect(await failures('silent@example.com', 11)).toEqual([...times(10, 401), 429]);
    const waited = performance.now() - start;
    expect(events()).toEqual(['limits.store_lost']);
    expect(waited).toBeGreaterThan(1900);
    await app.close();
    stop();
  });
});

describe('a table of counters that cannot be used', () => {
  it('leaves the limits to the process and answers no 5xx', async () => {
    await open(undefined);
    await api.sql('alter table rate_limits rename to rate_limits_away');
    const user = await api.user();
    expect(await failures(user.email, 11)).toEqual([...times(10, 401), 429]);
    expect(await login((await api.user()).email, PASSWORD)).toBe(200);
    expect(events()).toEqual(['limits.store_lost']);
    await api.sql('alter table rate_limits_away rename to rate_limits');
    ahead_ms += RETRY_MS;
    expect(await login(user.email)).toBe(401);
    expect(events()).toEqual(['limits.store_lost', 'limits.store_back']);
  });
});
