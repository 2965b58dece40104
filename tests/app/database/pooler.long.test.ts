import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../../src/app/app.ts';
import { isThroughTransactionPooler } from '../../../src/app/database/client.ts';
import { PASSWORD, testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../../helpers/pgbouncer.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { notesOnly } from '../../helpers/test-product/routes.ts';

const SERVERS = 4;

let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  database = await createTestDatabase({ with_notes: true });
});
afterAll(() => database.drop());

async function startApp(url: string, settings: Record<string, string> = {}): Promise<FastifyInstance> {
  const config = testConfig(url, { LOG_LEVEL: 'silent', RATE_LIMITS: 'true', ...settings });
  const app = await buildApp(config, { routes: notesOnly });
  await app.ready();
  return app;
}

type Step = [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, status: number, payload?: object];

/** All that a user does with an account, from its beginning to its end; every answer is the one of the contract. */
async function liveThrough(app: FastifyInstance, email: string, remoteAddress: string): Promise<void> {
  let token: string | undefined;
  const ask = async ([method, url, status, payload]: Step): Promise<Record<string, string>> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await app.inject({ method, url, headers, remoteAddress, ...(payload && { payload }) });
    expect([method, url, response.statusCode, response.statusCode === status || response.body]).toEqual([
      method,
      url,
      status,
      true,
    ]);
    return response.body === '' ? {} : response.json();
  };
  const again = 'another correct horse battery';
  await ask(['POST', '/auth/register', 201, { email, password: PASSWORD }]);
  await ask(['POST', '/auth/register', 409, { email, password: PASSWORD }]);
  await ask(['POST', '/auth/login', 401, { email, password: 'wrong' }]);
  const pair = await ask(['POST', '/auth/login', 200, { email, password: PASSWORD }]);
  const next = await ask(['POST', '/auth/refresh', 200, { refresh_token: pair.refresh_token }]);
  token = next.access_token;
  await ask(['PATCH', '/auth/me', 200, { name: 'Ada' }]);
  expect(await ask(['GET', '/auth/me', 200])).toMatchObject({ email, name: 'Ada' });
  const { id } = await ask(['POST', '/kit-notes', 201, { title: email }]);
  await ask(['PATCH', `/kit-notes/${id}`, 200, { description: 'changed' }]);
  expect(await ask(['GET', '/kit-notes', 200])).toMatchObject({ items: [{ title: email, description: 'changed' }] });
  await ask(['DELETE', `/kit-notes/${id}`, 204]);
  await ask(['GET', `/kit-notes/${id}`, 404]);
  await ask(['GET', '/auth/sessions', 200]);
  await ask(['POST', '/auth/me/password', 204, { current_password: PASSWORD, new_password: again }]);
  await ask(['GET', '/users', 403]);
  await ask(['DELETE', '/auth/me', 204, { password: again }]);
  await ask(['GET', '/auth/me', 401]);
}

/** A network of its own for each user, so that no limit of one is felt by another. */
async function usersAtOnce(app: FastifyInstance, count: number): Promise<void> {
  const name = `user-${performance.now()}`;
  const users = Array.from({ length: count }, (_, n) =>
    liveThrough(app, `${name}-${n}@example.com`, `198.51.100.${n + 1}`),
  );
  await Promise.all(users);
}

describe('a transaction pooler', () => {
  it.each([
    ['auto', 6543, true],
    ['auto', 5432, false],
    ['transaction', 5432, true],
    ['none', 6543, false],
  ])('is taken to stand between: DATABASE_POOLER=%s, port %i: %s', (DATABASE_POOLER, port, expected) => {
    const config = testConfig(`postgresql://u:p@127.0.0.1:${port}/db`, { DATABASE_POOLER });
    expect(isThroughTransactionPooler(config)).toBe(expected);
  });

  it('is sent nothing that only lives in one session: no named statement, startup parameter, SET, LISTEN or session lock', async () => {
    const sent = await statementsOf({ DATABASE_POOLER: 'transaction' });
    expect(sent.texts.length).toBeGreaterThan(30);
    expect(sent.names.filter((name) => name !== '')).toEqual([]);
    expect(sent.startup_parameters).toEqual(['application_name', 'client_encoding', 'database', 'user']);
    const session = /^\s*(set (?!local)|reset|listen|prepare|declare|create temp)|pg_(try_)?advisory_lock|set_config/i;
    expect(sent.texts.filter((text) => session.test(text))).toEqual([]);
  });

  it('is why: without one, statements have names and the server gets a timeout', async () => {
    const sent = await statementsOf({ DATABASE_POOLER: 'none' });
    expect(sent.names.filter((name) => name !== '').length).toBeGreaterThan(2);
    expect(sent.startup_parameters).toContain('statement_timeout');
  });
});

describe('through PgBouncer in transaction mode', () => {
  if (pgbouncerProgram === undefined) {
    it.skip('the whole API works (skipped: pgbouncer is not installed)');
    return;
  }
  let pooler: Pgbouncer;
  let app: FastifyInstance;

  beforeAll(async () => {
    pooler = await startPgbouncer(database.url, { default_pool_size: SERVERS });
    app = await startApp(pooler.url, { DATABASE_POOLER: 'transaction' });
  });
  afterAll(async () => {
    await app?.close();
    await pooler?.stop();
  });

  it('many users at once live through the whole API on few server connections', async () => {
    await usersAtOnce(app, 8);
    const servers = await pooler.command('show servers');
    expect(servers.length).toBeGreaterThan(1);
    expect(servers.length).toBeLessThanOrEqual(SERVERS);
  });

  it('the application is ready and healthy', async () => {
    expect((await app.inject('/health')).statusCode).toBe(200);
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'ready', migrations: 'at_head' });
  });

  it('no request leaves anything behind on a server connection that the next one meets', async () => {
    await usersAtOnce(app, SERVERS);
    const clients = await Promise.all(
      Array.from({ length: SERVERS }, async () => {
        const client = new pg.Client(pooler.url);
        await client.connect();
        onTestFinished(() => client.end());
        return client;
      }),
    );
    // Each holds a transaction open, so that every server connection is looked at.
    for (const client of clients) await client.query('begin');
    const left = await Promise.all(
      clients.map(async (client) => {
        const { rows } = await client.query(`select pg_backend_pid() as pid,
          (select count(*)::int from pg_prepared_statements) as statements,
          (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
          (select count(*)::int from pg_class where relpersistence = 't' and pg_table_is_visible(oid)) as tables,
          current_setting('statement_timeout') as statement_timeout, current_setting('search_path') as search_path`);
        return rows[0];
      }),
    );
    expect(new Set(left.map(({ pid }) => pid)).size).toBe(SERVERS);
    for (const { pid: _pid, ...state } of left) {
      expect(state).toEqual({
        statements: 0,
        locks: 0,
        tables: 0,
        statement_timeout: '0',
        search_path: '"$user", public',
      });
    }
  });
});

interface Sent {
  startup_parameters: string[];
  names: string[];
  texts: string[];
}

/** What the application writes to its connections while users live through the API, read off the wire. */
async function statementsOf(settings: Record<string, string>): Promise<Sent> {
  const sent = new Map<number, Buffer[]>();
  const proxy = await startTcpProxy(Number(new URL(database.url).port), (bytes, connection) => {
    sent.set(connection, [...(sent.get(connection) ?? []), bytes]);
  });
  const app = await startApp(proxy.before(database.url), settings);
  const name = `wire-${settings.DATABASE_POOLER}`;
  await liveThrough(app, `${name}@example.com`, '203.0.113.1');
  await app.close();
  await proxy.close();
  const all = [...sent.values()].map((parts) => readMessages(Buffer.concat(parts)));
  return {
    startup_parameters: [...new Set(all.flatMap((one) => one.startup_parameters))].sort(),
    names: all.flatMap((one) => one.names),
    texts: all.flatMap((one) => one.texts),
  };
}

/** The frontend's messages (PostgreSQL 17, §53.7): the startup packet without a type, then type and length. */
function readMessages(bytes: Buffer): Sent {
  const startup = bytes.readUInt32BE(0);
  const words = bytes.toString('utf8', 8, startup - 2).split('\0');
  const sent: Sent = { startup_parameters: words.filter((_, n) => n % 2 === 0), names: [], texts: [] };
  for (let at = startup; at < bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    const type = String.fromCharCode(bytes[at] ?? 0);
    const [first = '', second = ''] = bytes.toString('utf8', at + 5, at + 1 + bytes.readUInt32BE(at + 1)).split('\0');
    if (type === 'Q') sent.texts.push(first);
    if (type === 'P') {
      sent.names.push(first);
      sent.texts.push(second);
    }
  }
  return sent;
}
