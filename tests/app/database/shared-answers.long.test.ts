import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pool } from '../../../src/app/database/pool.ts';
import { isConnectionLost, isTimeout } from '../../../src/app/database/sqlstate.ts';
import { brief, createDatabase } from '../../../src/app/database.ts';
import { inTrace, newUsage } from '../../../src/app/observability/trace.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';

const REQUESTS_AT_ONCE = 100;
const ROUNDS = 16;
const STATEMENT_CANCELED = '57014';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let admin: pg.Client;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
  await admin.query('create table written (n integer)');
  const settings = { POOL_SIZE: '2', POOL_MAX_OVERFLOW: '2', STATEMENT_TIMEOUT_SECONDS: '1' };
  pool = createDatabase(testConfig(database.url, settings), { warn: () => {} }).pool;
});
afterAll(async () => {
  await pool.end();
  await admin.end();
  await database.drop();
});

/** A read that now and then runs out of time, a statement that fails, a brief write, or a transaction; what it has found. */
async function askFor(n: number): Promise<unknown> {
  if (n % 20 === 0) return failing(n);
  if (n % 10 === 1) return numberIn(await brief(() => pool.query('insert into written values ($1) returning n', [n])));
  if (n % 10 === 2) {
    const client = await pool.connect();
    try {
      return numberIn(await client.query('select $1::int as n', [n]));
    } finally {
      client.release(true);
    }
  }
  const seconds = n % 97 === 0 ? 1.1 : (n % 5) / 1000;
  return numberIn(await pool.query('select $1::int as n, pg_sleep($2)', [n, seconds]));
}

async function failing(n: number): Promise<unknown> {
  const error = await (pool.query('select 1 / ($1::int - $1::int)', [n]) as Promise<never>).catch((error) => error);
  if (error.code !== '22012') throw error;
  return n;
}

function numberIn({ rows }: pg.QueryResult): unknown {
  return rows.length === 1 ? rows[0].n : rows;
}

it('while connections are ended and statements run out of time, nobody gets the answer of another, and nothing is written twice', async () => {
  let asked = 0;
  let isOver = false;
  const foreign: unknown[] = [];
  const unexpected: unknown[] = [];
  const acknowledged = new Set<number>();
  const request = async (ip: string): Promise<void> => {
    const n = ++asked;
    try {
      const found = await inTrace({ ip, usage: newUsage(), span: undefined }, () => askFor(n));
      if (found !== n) foreign.push([n, found]);
      if (n % 10 === 1) acknowledged.add(n);
    } catch (error) {
      const { code } = error as { code?: string };
      if (!isConnectionLost(error) && !isTimeout(error) && code !== STATEMENT_CANCELED) unexpected.push(error);
    }
  };
  const clients = Array.from({ length: REQUESTS_AT_ONCE }, async (_, number) => {
    while (!isOver) await request(`10.${number % 5}.0.1`);
  });
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(200);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'back-api' and datname = current_database() and random() < 0.3`,
    );
  }
  isOver = true;
  await Promise.all(clients);

  expect([foreign, unexpected]).toEqual([[], []]);
  const { rows } = await admin.query<{ n: number; times: number }>(
    'select n, count(*)::int as times from written group by n',
  );
  expect(rows.filter(({ times }) => times > 1)).toEqual([]);
  const stored = new Set(rows.map(({ n }) => n));
  expect(acknowledged.size).toBeGreaterThan(20);
  expect([...acknowledged].filter((n) => !stored.has(n))).toEqual([]);
  expect([pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
});
