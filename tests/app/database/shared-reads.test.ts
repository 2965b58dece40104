import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Pool } from '../../../src/app/database/pool.ts';
import { SharedReads } from '../../../src/app/database/shared-reads.ts';
import { brief, createDatabase } from '../../../src/app/database.ts';
import { inTrace, newUsage, type Trace } from '../../../src/app/observability/trace.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' };
  pool = createDatabase(testConfig(database.url, settings), { warn: () => {} }).pool;
  await pool.query('create table written (n integer)');
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

function traceOf(ip: string, waited_ms = 0): Trace {
  return { ip, usage: { ...newUsage(), waited_ms }, span: undefined };
}

/** A statement of a request of its own; its rows. */
async function ask(ip: string, text: string, { waited_ms = 0 } = {}): Promise<Record<string, unknown>[]> {
  const { rows } = (await inTrace(traceOf(ip, waited_ms), () => pool.query({ text, values: [] }))) as pg.QueryResult;
  return rows;
}

/** Starts what is asked while the only connection is held, and tells how many places it takes in the line. */
async function whileHeld<T>(
  start: () => Promise<T>[],
): Promise<{ places: number; answers: PromiseSettledResult<T>[] }> {
  const held = await pool.connect();
  const asked = start();
  const settled = Promise.allSettled(asked);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  const places = pool.waitingCount;
  held.release();
  return { places, answers: await settled };
}

describe('reads that wait for a connection', () => {
  it('share it, eight of one network, and each has its own answer', async () => {
    const { places, answers } = await whileHeld(() =>
      Array.from({ length: 17 }, (_, n) => ask('192.0.2.1', `select ${n} as n, pg_backend_pid() as pid`)),
    );
    expect(places).toBe(3);
    const rows = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value[0] : answer.reason));
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 17 }, (_, n) => n));
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(1);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });

  it('have their own errors', async () => {
    const { places, answers } = await whileHeld(() =>
      ['select 1 as n', 'select 1 / 0', 'select 3 as n'].map((text) => ask('192.0.2.1', text)),
    );
    expect(places).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { code: '22012' } });
    expect(await ask('192.0.2.1', 'select 4 as n')).toEqual([{ n: 4 }]);
  });

  it('are of one network, or each of another one', async () => {
    const [one, other] = ['192.0.2.1', '198.51.100.1'];
    const placesOf = async (...ips: string[]): Promise<number> =>
      (await whileHeld(() => ips.map((ip) => ask(ip, 'select 1')))).places;
    expect(await placesOf(one, one, one)).toBe(1);
    expect(await placesOf(one, other, '203.0.113.1')).toBe(1);
    expect(await placesOf(one, one, other)).toBe(2);
    expect(await placesOf(one, other, one)).toBe(2);
  });

  it('share it with a statement that is said to be brief', async () => {
    const count = () => brief(() => pool.query('insert into written values (2)'));
    const { places, answers } = await whileHeld<unknown>(() => [
      ask('192.0.2.1', 'select 1'),
      inTrace(traceOf('192.0.2.1'), count),
      ask('192.0.2.1', 'select 2'),
    ]);
    expect(places).toBe(1);
    expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await ask('192.0.2.1', 'select from written where n = 2')).toHaveLength(1);
  });

  it('share it with no write, no lock, no setting and no transaction', async () => {
    const { places, answers } = await whileHeld(() => [
      ask('192.0.2.1', 'select 1'),
      ask('192.0.2.1', 'insert into written values (1)'),
      ask('192.0.2.1', 'select n from written for update'),
      ask('192.0.2.1', `select set_config('application_name', 'theirs', false)`),
      pool.connect().then((client) => {
        client.release();
        return [];
      }),
    ]);
    expect(places).toBe(5);
    expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('that a connection loses are sent again', async () => {
    const admin = new pg.Client(database.url);
    await admin.connect();
    try {
      const shared = whileHeld(() =>
        Array.from({ length: 4 }, (_, n) => ask('192.0.2.1', `select ${n} as n, pg_sleep(0.2)`)),
      );
      await vi.waitFor(async () => {
        const { rowCount } = await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(0.2)' and state = 'active'`,
        );
        expect(rowCount).toBe(1);
      });
      const { places, answers } = await shared;
      expect(places).toBe(1);
      expect(answers.map((answer) => answer.status === 'fulfilled' && answer.value[0]?.n)).toEqual([0, 1, 2, 3]);
    } finally {
      await admin.end();
    }
  });

  it('wait each as long as its request may, and who gives up keeps no place', async () => {
    const held = await pool.connect();
    // Of its time 50 ms are left; the request_wait of the pool is some seconds.
    const wait_ms = (pool.options as { request_wait_ms?: number }).request_wait_ms ?? 0;
    const [patient, impatient] = [
      ask('192.0.2.1', 'select 1 as n'),
      ask('192.0.2.1', 'select 2', { waited_ms: wait_ms - 50 }),
    ];
    await expect(impatient).rejects.toThrow('timeout exceeded');
    held.release();
    expect(await patient).toEqual([{ n: 1 }]);
    await sleep(0);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });
});

describe('the more time statements take', () => {
  const never = () => new Promise<never>(() => {});
  /** How many of 21 reads share a connection after answers that took so long, in turns. */
  const usersAfter = (...took_ms: number[]): number => {
    const reads = new SharedReads<never>();
    for (let n = 0; n < 1000; n++) for (const ms of took_ms) reads.note(ms);
    const first = reads.join('192.0.2.1', never);
    for (let n = 0; n < 20; n++) reads.join('192.0.2.1', never);
    return first.users;
  };

  it('the fewer reads share a connection, and at last none', () => {
    expect([20, 60, 120, 250].map((ms) => usersAfter(1, ms))).toEqual([8, 4, 2, 1]);
  });

  it('but not the farther the server is', () => {
    expect([0.2, 30, 200].map((ms) => usersAfter(ms))).toEqual([8, 8, 8]);
    expect([30, 200].map((ms) => usersAfter(ms, ms + 60))).toEqual([4, 4]);
    expect([500, 5000].map((ms) => usersAfter(ms))).toEqual([1, 1]);
  });

  it('and it finds out that the server has moved', () => {
    const reads = new SharedReads<never>();
    for (const ms of [1, 100]) for (let n = 0; n < 10_000; n++) reads.note(ms);
    const first = reads.join('192.0.2.1', never);
    for (let n = 0; n < 20; n++) reads.join('192.0.2.1', never);
    expect(first.users).toBe(8);
  });
});
