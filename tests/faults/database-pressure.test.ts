import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { LightMyRequestResponse } from 'fastify';
import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { inTransaction } from '../../src/app/database.ts';
import { PASSWORD, type TestUser, testConfig } from '../helpers/api.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { notesOnly } from '../helpers/test-product/routes.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const api = startWithNotes({ POOL_TIMEOUT_SECONDS: '1', STATEMENT_TIMEOUT_SECONDS: '2', RATE_LIMITS: 'false' });
let user: TestUser;

beforeAll(async () => {
  user = await api.user();
});

/** After each test nothing is left of it: no busy connection, nobody waiting, and the API serves. */
afterEach(async () => {
  await eventually('no connection is busy', async () => (await connections()).every(({ state }) => state === 'idle'));
  expect((await connections()).length).toBeLessThanOrEqual(15);
  const metrics = await api.request({ url: '/metrics' });
  expect(metrics.body).toMatch(/^db_pool_waiting 0$/m);
  expect((await me()).statusCode).toBe(200);
  expect(api.logs.filter(({ code }) => code === 'internal_error')).toEqual([]);
});

function connections(): Promise<{ pid: number; state: string }[]> {
  return api.sql(`select pid, state from pg_stat_activity
    where application_name = 'back-api' and datname = current_database()`);
}

function me(): Promise<LightMyRequestResponse> {
  return api.request({ url: '/auth/me', token: user.access_token });
}

function createItem(title: string): Promise<LightMyRequestResponse> {
  return api.request({ method: 'POST', url: '/kit-notes', payload: { title }, token: user.access_token });
}

function rename(name: string): Promise<LightMyRequestResponse> {
  return api.request({ method: 'PATCH', url: '/auth/me', payload: { name }, token: user.access_token });
}

function expectRefused(response: LightMyRequestResponse): void {
  expect([response.statusCode, response.json().code, response.headers['retry-after']]).toEqual([
    503,
    'service_unavailable',
    '1',
  ]);
  expect(response.body).not.toMatch(/select|update|insert|lock|timeout|canceling/i);
}

/** Somebody else's connection, ended with the test. */
async function stranger(): Promise<pg.Client> {
  const client = new pg.Client(api.url);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

describe('when others lock the table for longer than every deadline', () => {
  it('requests that hold all connections and those that wait for one end with 503; who needs none is served', async () => {
    const other = await stranger();
    await other.query('begin; lock table kit_notes');
    const began = performance.now();
    const writes = Array.from({ length: 60 }, (_, n) => createItem(`locked ${n}`));
    await sleep(200);
    expect((await api.request({ url: '/health/live' })).statusCode).toBe(200);
    for (const write of await Promise.all(writes)) expectRefused(write);
    expect(performance.now() - began).toBeLessThan(12_000);
    await other.query('rollback');
    expect(await api.sql(`select title from kit_notes where title like 'locked %'`)).toEqual([]);
    expect((await createItem('unlocked')).statusCode).toBe(201);
  });

  it('a statement out of time takes its whole transaction back and leaves its connection clean', async () => {
    const other = await stranger();
    await other.query('begin; lock table audit_events');
    const before = await connections();
    expectRefused(await rename('half a change'));
    await other.query('rollback');
    expect((await me()).json().name).toBeNull();
    expect((await connections()).map(({ pid }) => pid)).toEqual(expect.arrayContaining(before.map(({ pid }) => pid)));
    expect((await rename('Ada')).statusCode).toBe(200);
    expect((await rename(user.email)).statusCode).toBe(200);
  });
});

describe('work in a transaction', () => {
  it('that throws a thousand times leaves no connection and no row behind', async () => {
    const { ctx } = api.app;
    const thrown = (n: number): Promise<unknown> =>
      inTransaction(ctx, async ({ db }) => {
        await db.execute(
          sql`insert into kit_notes (id, title, owner_id) values (gen_random_uuid(), ${`thrown ${n}`}, ${user.id})`,
        );
        throw new Error('a mistake');
      }).catch((error: Error) => error.message);
    const messages: unknown[] = [];
    // More at once than there are connections, and no more than may wait.
    for (let n = 0; n < 1000; n += 100)
      messages.push(...(await Promise.all(Array.from({ length: 100 }, (_, more) => thrown(n + more)))));
    expect(messages).toEqual(Array(1000).fill('a mistake'));
    expect(await api.sql(`select title from kit_notes where title like 'thrown %'`)).toEqual([]);
  });

  it('whose connection the server ends in the middle fails as a whole: nothing runs on another one', async () => {
    const { ctx } = api.app;
    let runs = 0;
    const work = inTransaction(ctx, async ({ db }) => {
      runs++;
      await db.execute(
        sql`insert into kit_notes (id, title, owner_id) values (gen_random_uuid(), 'before', ${user.id})`,
      );
      await db.execute(sql`set local idle_in_transaction_session_timeout = '100ms'`);
      await sleep(500);
      await db.execute(
        sql`insert into kit_notes (id, title, owner_id) values (gen_random_uuid(), 'after', ${user.id})`,
      );
    });
    await expect(work).rejects.toThrow();
    expect(runs).toBe(1);
    expect(await api.sql(`select title from kit_notes where title in ('before', 'after')`)).toEqual([]);
  });

  it('is run again after a deadlock, until both have what they want', async () => {
    const [left, right] = [await api.user(), await api.user()];
    const { ctx } = api.app;
    let runs = 0;
    const rename = (first: string, second: string) =>
      inTransaction(ctx, async ({ db }) => {
        runs++;
        for (const id of [first, second]) {
          await db.execute(sql`update users set name = coalesce(name, '') || 'x' where id = ${id}`);
          await sleep(100);
        }
      });
    await Promise.all([rename(left.id, right.id), rename(right.id, left.id)]);
    expect(runs).toBeGreaterThan(2);
    expect(await api.sql('select name from users where id = any($1)', [[left.id, right.id]])).toEqual([
      { name: 'xx' },
      { name: 'xx' },
    ]);
  });

  it.each([
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock that is not to be had'],
  ])('that meets %s, %s, again and again is 503 after four tries, and nothing of it stays', async (code) => {
    await api.sql(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused' using errcode = '${code}'; end $$`);
    await api.sql('create sequence tries');
    await api.sql(`create function count_try() returns trigger language plpgsql as $$
      begin perform nextval('tries'); return new; end $$`);
    await api.sql('create trigger a_count before update on users for each row execute function count_try()');
    await api.sql('create trigger b_refuse before update on users for each row execute function refuse()');
    onTestFinished(async () => {
      await api.sql('drop trigger a_count on users; drop trigger b_refuse on users; drop sequence tries');
      await api.sql('drop function refuse(); drop function count_try()');
    });
    expectRefused(await rename('never'));
    expect(await api.sql(`select last_value::int as tries from tries`)).toEqual([{ tries: 4 }]);
    expect((await me()).json().name).not.toBe('never');
  });

  it('that never began gives its connection back', async () => {
    const { ctx } = api.app;
    const pids = (await connections()).map(({ pid }) => pid);
    await api.sql(`select pg_terminate_backend(pid) from unnest($1::int[]) as pid`, [pids]);
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, () => inTransaction(ctx, ({ db }) => db.execute(sql`select 1`))),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

describe('with one single connection', () => {
  it('no request needs a second one while it holds the first: every flow comes to its end', async () => {
    const settings = { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0', POOL_TIMEOUT_SECONDS: '5', LOG_LEVEL: 'silent' };
    const app = await buildApp(testConfig(api.url, settings), { routes: notesOnly });
    const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, token: string, payload?: object) =>
      app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(payload && { payload }) });
    const flow = async (email: string): Promise<number[]> => {
      const registered = await app.inject({
        method: 'POST',
        url: '/auth/register',
        payload: { email, password: PASSWORD },
      });
      const { access_token: token, refresh_token } = registered.json();
      const new_password = 'another correct horse battery';
      const rest = [
        await ask('POST', '/auth/login', '', { email, password: PASSWORD }),
        await ask('POST', '/auth/login', '', { email, password: 'wrong' }),
        await ask('POST', '/auth/refresh', '', { refresh_token }),
        await ask('PATCH', '/auth/me', token, { name: 'Ada' }),
        await ask('POST', '/auth/me/password', token, { current_password: PASSWORD, new_password }),
        await ask('GET', '/users', token),
        await ask('DELETE', '/auth/sessions', token),
        await ask('DELETE', '/auth/me', token, { password: new_password }),
      ];
      return [registered, ...rest].map(({ statusCode }) => statusCode);
    };
    const flows = await Promise.all(['a', 'b', 'c'].map((name) => flow(`single-${name}@example.com`)));
    await app.close();
    for (const statuses of flows) expect(statuses).toEqual([201, 200, 401, 200, 200, 204, 403, 204, 204]);
  });
});
