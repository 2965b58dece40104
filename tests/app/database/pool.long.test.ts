import { spawnSync } from 'node:child_process';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Pool } from '../../../src/app/database/pool.ts';
import { databaseError } from '../../../src/app/database/sqlstate.ts';
import { createDatabase, inTransaction } from '../../../src/app/database.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';
import { eventually } from '../../helpers/own-postgres.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';

type Opened = ReturnType<typeof createDatabase>;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let admin: pg.Client;
const opened: Pool[] = [];
const lost: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
  await admin.query('create table marks (n int)');
});
afterEach(async () => {
  lost.length = 0;
  for (const pool of opened.splice(0)) await pool.end();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** The pool of the application under these settings. */
function open(settings: Record<string, string> = {}, url = database.url): Opened {
  const made = createDatabase(testConfig(url, settings), { warn: (entry: object) => lost.push(JSON.stringify(entry)) });
  opened.push(made.pool);
  return made;
}

/** The answer of one statement: its first column in the first row. */
async function ask(pool: Pool, text: string, values?: unknown[]): Promise<unknown> {
  const { rows } = (await pool.query({ text, values, rowMode: 'array' })) as { rows: unknown[][] };
  return rows[0]?.[0];
}

function manyAtOnce(pool: Pool, count: number, text: string): Promise<unknown[]> {
  return Promise.all(Array.from({ length: count }, () => ask(pool, text)));
}

async function backends(): Promise<number[]> {
  const { rows } = await admin.query(
    `select pid from pg_stat_activity where application_name = 'back-api' and datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
}

async function endBackends(): Promise<number> {
  const { rowCount } = await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'back-api' and datname = current_database()`,
  );
  return rowCount ?? 0;
}

describe('under load the pool', () => {
  it('opens ten connections beyond its five, never more, and closes the ten when they are idle', async () => {
    const { pool } = open();
    expect([pool.options.min, pool.options.max]).toEqual([5, 15]);
    pool.options.idleTimeoutMillis = 100;
    const work = manyAtOnce(pool, 60, 'select pg_sleep(0.1)');
    await eventually('the pool is full', async () => (await backends()).length === 15);
    expect(pool.waitingCount).toBeGreaterThan(0);
    expect(pool.totalCount).toBe(15);
    await work;
    await eventually('five are left', async () => (await backends()).length === 5);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([5, 5, 0]);
  });

  it('hands connections out in the order of asking', async () => {
    const { pool } = open({ POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' });
    const held = await pool.connect();
    const order: number[] = [];
    const all = Array.from({ length: 50 }, async (_, n) => {
      const client = await pool.connect();
      order.push(n);
      client.release();
    });
    held.release();
    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('lets a bounded number wait; whoever comes then is refused at once, as 503', async () => {
    const { pool } = open({ POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' });
    const held = await pool.connect();
    const waiting = Array.from({ length: 64 }, () => ask(pool, 'values (1)'));
    await sleep(0);
    expect(pool.waitingCount).toBe(64);
    const error = await ask(pool, 'values (1)').catch((refusal: unknown) => refusal);
    expect(databaseError(error, {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
    held.release();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 64 }, () => 1));
  });

  it('lets nobody wait longer than POOL_TIMEOUT_SECONDS, then it is 503; who gave up takes no connection afterwards', async () => {
    const { pool } = open({ POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0', POOL_TIMEOUT_SECONDS: '1' });
    const held = await pool.connect();
    const began = performance.now();
    const error = await ask(pool, 'select 1').catch((refusal: unknown) => refusal);
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(databaseError(error, {})).toMatchObject({ status: 503, code: 'service_unavailable', retry_after: 1 });
    expect(pool.waitingCount).toBe(0);
    held.release();
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
    expect(await ask(pool, 'select 1')).toBe(1);
  });
});

describe('a connection', () => {
  it('older than POOL_RECYCLE_SECONDS is replaced, though not in the middle of its work', async () => {
    const { pool } = open({ POOL_RECYCLE_SECONDS: '1' });
    const [first, busy] = await Promise.all([
      ask(pool, 'select pg_backend_pid()'),
      ask(pool, `select pg_backend_pid() from (select pg_sleep(1.5)) as work`),
    ]);
    const later = await ask(pool, 'select pg_backend_pid()');
    expect([first, busy]).not.toContain(later);
    await eventually('both are closed', async () => !(await backends()).some((pid) => pid === first || pid === busy));
  });

  it('that the server ended is never met by a read, a write or a transaction, and no write happens twice', async () => {
    const { pool, db } = open();
    const rounds = 25;
    for (let round = 0; round < rounds; round++) {
      await manyAtOnce(pool, 3, 'select 1');
      expect(await endBackends()).toBeGreaterThan(0);
      await Promise.all([
        ask(pool, 'select 1'),
        ask(pool, 'insert into marks values ($1)', [round]),
        inTransaction({ db }, ({ db }) => db.execute(`insert into marks values (${round})`)),
      ]);
    }
    const { rows } = await admin.query('select n, count(*)::int as count from marks group by n having count(*) <> 2');
    expect(rows).toEqual([]);
    expect((await admin.query('select from marks')).rowCount).toBe(2 * rounds);
  });

  it('that was idle is asked before it is used, once for all who follow within a second', async () => {
    const { pool } = open();
    await ask(pool, 'select 1');
    await ask(pool, 'select 1');
    expect(pool.pings).toBe(0);
    await sleep(1050);
    await ask(pool, 'select 1');
    await ask(pool, 'select 1');
    expect(pool.pings).toBe(1);
  });

  it('is not asked where POOL_PRE_PING is false', async () => {
    const { pool } = open({ POOL_PRE_PING: 'false' });
    await ask(pool, 'select 1');
    await sleep(1050);
    await ask(pool, 'select 1');
    expect(pool.pings).toBe(0);
  });

  it('found dead takes all older ones with it: one waits for the silence, the others need not', async () => {
    const proxy = await startTcpProxy(Number(new URL(database.url).port));
    onTestFinished(proxy.close);
    const { pool } = open({}, proxy.before(database.url));
    await manyAtOnce(pool, 5, 'select pg_sleep(0.05)');
    expect(pool.totalCount).toBe(5);
    proxy.leadTo(Number(new URL(database.url).port));
    await sleep(1050);
    expect(await ask(pool, 'select 1')).toBe(1);
    const began = performance.now();
    expect(await manyAtOnce(pool, 5, 'select 1')).toEqual([1, 1, 1, 1, 1]);
    expect(performance.now() - began).toBeLessThan(1500);
    expect([pool.pings, pool.discarded, lost.length]).toEqual([1, 1, 1]);
    expect(pool.totalCount).toBe(5);
  });

  it('that nobody answers on is closed all the same, at its end as well as at the pool’s', async () => {
    const proxy = await startTcpProxy(Number(new URL(database.url).port));
    onTestFinished(proxy.close);
    const { pool } = open({}, proxy.before(database.url));
    let closed = 0;
    pool.on('remove', () => closed++);
    await manyAtOnce(pool, 3, 'select pg_sleep(0.05)');
    const client = await pool.connect();
    proxy.drop();
    client.release(true);
    await eventually('the first one is closed', async () => closed === 1, 4000);
    opened.splice(0);
    await pool.end();
    await eventually('all are closed', async () => closed === 3, 4000);
  });

  it('whose statement ran out of time is closed: nobody reads the late answer', async () => {
    const { pool } = open({ POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0', STATEMENT_TIMEOUT_SECONDS: '1' });
    pool.options.statement_timeout = 0;
    const error = await ask(pool, `select 'late' from (select pg_sleep(2.3)) as work`).catch((late: unknown) => late);
    expect(databaseError(error, {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
    expect(await ask(pool, `select 'mine'`)).toBe('mine');
    await sleep(500);
    expect(await ask(pool, `select 'mine again'`)).toBe('mine again');
  });

  it('is probed by TCP as configured', async () => {
    const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    onTestFinished(() => keepAlive.mockRestore());
    const settings = { KEEPALIVE_IDLE_SECONDS: '77', KEEPALIVE_INTERVAL_SECONDS: '11', KEEPALIVE_COUNT: '4' };
    const { pool } = open(settings);
    await ask(pool, 'select 1');
    expect(keepAlive).toHaveBeenLastCalledWith(true, 77_000, 11_000, 4);
    const { port } = new URL(database.url);
    const { stdout, error } = spawnSync('ss', ['-tno', 'dst', `127.0.0.1:${port}`], { encoding: 'utf8' });
    if (error === undefined) expect(stdout).toMatch(/timer:\(keepalive,1min1[5-7]sec,0\)/);
  });

  it('asks for the server’s own statement timeout, which comes first', async () => {
    const { pool } = open({ STATEMENT_TIMEOUT_SECONDS: '1' });
    expect(await ask(pool, 'show statement_timeout')).toBe('1s');
    const error = await ask(pool, 'select pg_sleep(3)').catch((timeout: unknown) => timeout);
    expect(error).toMatchObject({ code: '57014' });
    expect([pool.totalCount, pool.discarded]).toEqual([1, 0]);
  });
});
