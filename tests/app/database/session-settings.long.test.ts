import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../../src/app/app.ts';
import { changesSession } from '../../../src/app/database/session-settings.ts';
import { PASSWORD, testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../../helpers/pgbouncer.ts';
import { notesOnly } from '../../helpers/test-product/routes.ts';

/** Each changes what a statement writes or reads, how a transaction begins, or which table a name means. */
const ODD_SETTINGS: Readonly<Record<string, string>> = {
  datestyle: `'SQL, DMY'`,
  intervalstyle: `'sql_standard'`,
  timezone: `'America/St_Johns'`,
  bytea_output: `'escape'`,
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  search_path: 'decoys, pg_catalog',
  default_transaction_isolation: `'serializable'`,
  default_transaction_read_only: 'on',
  lock_timeout: '1',
  statement_timeout: '20',
};

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase({ with_notes: true });
  admin = new pg.Client(database.url);
  await admin.connect();
  await admin.query('create schema decoys');
  for (const table of [
    'users',
    'sessions',
    'kit_notes',
    'rate_limits',
    'login_failures',
    'known_devices',
    'audit_events',
  ])
    await admin.query(`create table decoys.${table} (like public.${table})`);
  await admin.query(
    `create function decoys.now() returns timestamptz language sql as $$ select timestamptz '2000-01-01Z' $$`,
  );
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

async function startApp(url: string, settings: Record<string, string> = {}): Promise<FastifyInstance> {
  const app = await buildApp(testConfig(url, { LOG_LEVEL: 'silent', ...settings }), { routes: notesOnly });
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

/** Gives the database these settings for every later session, as an operator may. */
async function alterDatabase(): Promise<void> {
  const { rows } = await admin.query('select current_database() as name');
  const name = rows[0]?.name;
  for (const [setting, value] of Object.entries(ODD_SETTINGS))
    await admin.query(`alter database "${name}" set ${setting} = ${value}`);
  onTestFinished(async () => {
    await admin.query('set default_transaction_read_only = off');
    await admin.query(`alter database "${name}" reset all`);
  });
}

/** A user comes to exist, reads and changes, and every instant in the answers is now. */
async function liveThrough(app: FastifyInstance, email: string): Promise<void> {
  const registered = await app.inject({
    method: 'POST',
    url: '/auth/register',
    payload: { email, password: PASSWORD },
  });
  expect(registered.statusCode, registered.body).toBe(201);
  const headers = { authorization: `Bearer ${registered.json().access_token}` };
  const made = await app.inject({ method: 'POST', url: '/kit-notes', headers, payload: { title: String.raw`a\b'c` } });
  expect(made.statusCode, made.body).toBe(201);
  const { items } = (await app.inject({ url: '/kit-notes', headers })).json();
  expect(items).toEqual([made.json()]);
  expect(items[0].title).toBe(String.raw`a\b'c`);
  expect((await app.inject({ method: 'PATCH', url: '/auth/me', headers, payload: { name: 'Ada' } })).statusCode).toBe(
    200,
  );
  const me = (await app.inject({ url: '/auth/me', headers })).json();
  for (const instant of [items[0].created_at, me.created_at, me.updated_at])
    expect(Math.abs(new Date(instant).getTime() - Date.now())).toBeLessThan(60_000);
  const login = await app.inject({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } });
  expect(login.statusCode, login.body).toBe(200);
  const { refresh_token } = login.json();
  expect((await app.inject({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } })).statusCode).toBe(200);
  const { rows } = await admin.query('select id from public.users where email = $1', [email]);
  expect(rows).toHaveLength(1);
  expect((await admin.query('select from decoys.users')).rowCount).toBe(0);
}

describe('the settings of a role or a database change nothing that the application reads or writes,', () => {
  it('directly', async () => {
    await alterDatabase();
    await liveThrough(await startApp(database.url), 'direct@example.com');
  });

  it('nor does a schema that is named like the role', async () => {
    const { username } = new URL(database.url);
    await admin.query(`create schema "${username}" create table users (like public.users)`);
    onTestFinished(async () => void (await admin.query(`drop schema "${username}" cascade`)));
    await liveThrough(await startApp(database.url, { DATABASE_SCHEMA: 'public' }), 'named@example.com');
    expect((await admin.query(`select from "${username}".users`)).rowCount).toBe(0);
  });

  it('nor does an earlier statement on the same connection', async () => {
    const app = await startApp(database.url, { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' });
    for (const [setting, value] of Object.entries(ODD_SETTINGS)) await app.ctx.db.execute(`set ${setting} = ${value}`);
    await liveThrough(app, 'earlier@example.com');
  });

  if (pgbouncerProgram === undefined) {
    it.skip('through PgBouncer (skipped: pgbouncer is not installed)');
    return;
  }

  async function pooled(): Promise<{ app: FastifyInstance; pooler: Pgbouncer }> {
    const pooler = await startPgbouncer(database.url, { default_pool_size: 2 });
    onTestFinished(() => pooler.stop());
    return { app: await startApp(pooler.url, { DATABASE_POOLER: 'transaction' }), pooler };
  }

  it('through PgBouncer in transaction mode', async () => {
    await alterDatabase();
    const { app } = await pooled();
    await liveThrough(app, 'pooled@example.com');
  });

  it('nor does another client of the pooler that left its settings behind', async () => {
    const { app, pooler } = await pooled();
    const others = [new pg.Client(pooler.url), new pg.Client(pooler.url)];
    for (const client of others) await client.connect();
    for (const client of others) await client.query('begin');
    for (const client of others)
      for (const [setting, value] of Object.entries(ODD_SETTINGS)) await client.query(`set ${setting} = ${value}`);
    for (const client of others) await client.query('commit');
    for (const client of others) await client.end();
    await liveThrough(app, 'left@example.com');
  });
});

describe('a statement changes the session', () => {
  it.each(['set timezone = 1', 'SET SESSION x = 1', 'reset all', 'discard all', `select set_config('x', '1', false)`])(
    '%s',
    (text) => expect(changesSession(text)).toBe(true),
  );

  it.each([
    'set local timezone = 1',
    'set transaction read only',
    'set constraints all deferred',
    `select set_config('x', '1', true)`,
    'update kit_notes set title = 1',
  ])('but not %s', (text) => expect(changesSession(text)).toBe(false));
});
