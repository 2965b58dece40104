import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { isListening } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildApp } from '../../src/app/app.ts';
import { loadAuditConfig } from '../../src/app/config.ts';
import { keepUp } from '../../src/app/services/system/audit-partitions.ts';
import { claimsOf, PASSWORD, testConfig } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { pgbouncerProgram } from '../helpers/pgbouncer.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const ROLES = readFileSync(join(DEPLOY, 'roles.sql'), 'utf8');
const APP_PASSWORD = 'onlyForThisTest1';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let own_url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client(database.url);
  await owner.connect();
  // Twice: it may be run after every release.
  await owner.query(ROLES);
  await owner.query(ROLES);
  await owner.query(`alter role back_app password '${APP_PASSWORD}'`);
  own_url = asApp(database.url);
});
afterAll(async () => {
  await owner?.query('drop owned by back_app');
  await owner?.query('drop role back_app');
  await owner?.end();
  await database?.drop();
});

function asApp(url: string): string {
  const own = new URL(url);
  own.username = 'back_app';
  own.password = APP_PASSWORD;
  return own.href;
}

async function withApp<T>(work: (app: FastifyInstance) => Promise<T>, environment = {}, url = own_url): Promise<T> {
  const app = await buildApp(testConfig(url, environment), { log: pino({ level: 'silent' }) });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** One of everything that an account does, with the statuses that it got. */
async function lifeOfAnAccount(app: FastifyInstance): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  let token: string | undefined;
  const call = async (name: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    statuses[name] = answer.statusCode;
    return answer.body === '' ? {} : answer.json();
  };
  const account = { email: `life-${crypto.randomUUID()}@example.com`, password: PASSWORD };
  const registered = await call('register', 'POST', '/auth/register', account);
  token = registered.access_token;
  await call('wrong', 'POST', '/auth/login', { ...account, password: 'wrong horse battery staple' });
  await call('login', 'POST', '/auth/login', account);
  await call('refresh', 'POST', '/auth/refresh', { refresh_token: registered.refresh_token });
  await call('rename', 'PATCH', '/auth/me', { name: 'Ada' });
  const passwords = { current_password: PASSWORD, new_password: `${PASSWORD}, changed` };
  await call('password', 'POST', '/auth/me/password', passwords);
  await owner.query(`update ${app.ctx.config.database_schema}.users set role = 'admin' where id = $1`, [
    claimsOf(String(token)).sub,
  ]);
  await call('list', 'GET', '/users');
  await call('events', 'GET', '/audit-events');
  await call('ready', 'GET', '/health/ready');
  await owner.query(`update ${app.ctx.config.database_schema}.users set role = 'user'`);
  await call('logout', 'POST', '/auth/logout');
  return statuses;
}

const ALL_WELL = {
  register: 201,
  wrong: 401,
  login: 200,
  refresh: 200,
  rename: 200,
  password: 204,
  list: 200,
  events: 200,
  ready: 200,
  logout: 204,
};

describe.skipIf(!existsSync('/usr/bin/psql'))('the roles service of deploy/compose.yaml (skipped without psql)', () => {
  it('sets the password that the environment has, and ends well where the role is there already', async () => {
    const { entrypoint, command } = parse(readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8')).services.roles;
    const line = String(command[0])
      .replaceAll('$$', '$')
      .replace('psql -h postgres -U postgres -d back', 'psql "$URL"')
      .replace('/roles.sql', join(DEPLOY, 'roles.sql'));
    expect(line).toContain('psql "$URL"');
    expect(line).not.toContain('$APP_PASSWORD');
    const [shell = '', ...flags]: string[] = entrypoint;
    const password = 'fromTheEnvironment2';
    const env = { PATH: process.env.PATH, URL: database.url, APP_PASSWORD: password };
    const { status, stderr } = spawnSync(shell, [...flags, line], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const url = new URL(own_url);
    url.password = password;
    const client = new pg.Client(url.href);
    await client.connect();
    await client.end();
    await owner.query(`alter role back_app password '${APP_PASSWORD}'`);
  });
});

describe('the role of deploy/roles.sql', () => {
  it('is enough for all that the API does', async () => {
    expect(await withApp(lifeOfAnAccount)).toEqual(ALL_WELL);
    const verified = await back(['audit', 'verify'], { env: { DATABASE_URL: database.url } });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/^[1-9]\d* audit events are as/)]);
  });

  it('is what the doctor wants', async () => {
    const env = { DATABASE_URL: own_url, ENVIRONMENT: 'production' };
    const { groups } = JSON.parse((await back(['doctor', '--json'], { env })).stdout);
    const findings: { check: string; level: string; message: string }[] = groups.flatMap(
      (group: { findings: object[] }) => group.findings,
    );
    expect(findings.filter(({ check }) => check === 'role' || check === 'privileges')).toMatchObject([
      { level: 'ok' },
      { level: 'ok' },
    ]);
  });

  it('is enough in a schema of its own name', async () => {
    const env = { DATABASE_URL: database.url, DATABASE_SCHEMA: 'back_api' };
    expect((await back(['upgrade', 'head'], { env })).code).toBe(0);
    await owner.query(ROLES.replaceAll('public', 'back_api'));
    expect(await withApp(lifeOfAnAccount, { DATABASE_SCHEMA: 'back_api' })).toEqual(ALL_WELL);
  });

  it.each([
    ['drop a table', 'drop table known_devices', /must be owner/],
    ['make one', 'create table mine (id int)', /permission denied for schema public/],
    ['change one', 'alter table users add column is_god boolean', /must be owner/],
    ['empty one', 'truncate known_devices', /permission denied/],
    ['take the guard of the audit log away', 'alter table audit_events disable trigger all', /must be owner/],
    ['rewrite an audit event', `update audit_events set ip = 'nobody'`, /permission denied/],
    ['take one away', 'delete from audit_events', /permission denied/],
    ['move the end of a chain', `update audit_chains set hash = ''`, /permission denied/],
    ['say where a chain ends', `insert into audit_chains values (0, 9, '')`, /permission denied/],
    ['forget the end of a chain', 'delete from audit_chains', /permission denied/],
    [
      'move one by a trigger of its own',
      'create temp table mine (like audit_events); create trigger mine after insert on mine for each row execute function audit_events_link()',
      /permission denied/,
    ],
    ['say that a revision was applied', `insert into alembic_version values ('x')`, /permission denied/],
    ['forget one', 'delete from back_revisions', /permission denied/],
    ['make another role', 'create role another superuser', /permission denied/],
    ['become the owner', 'set role postgres', /permission denied/],
    ['read the server’s files', `select pg_read_file('/etc/passwd')`, /permission denied/],
    ['run a program', `copy users to program 'true'`, /permission denied|superuser/],
  ])('cannot %s', async (_what, statement, refusal) => {
    const client = new pg.Client(own_url);
    await client.connect();
    await expect(client.query(statement)).rejects.toThrow(refusal);
    await client.end();
  });

  it('cannot rewrite an audit event in the partition that holds it either', async () => {
    const client = new pg.Client(own_url);
    await client.connect();
    const { rows } = await owner.query('select distinct tableoid::regclass as partition from audit_events');
    expect(rows.length).toBeGreaterThan(0);
    for (const { partition } of rows) {
      await expect(client.query(`update ${partition} set ip = 'nobody'`)).rejects.toThrow('append-only');
      await expect(client.query(`delete from ${partition}`)).rejects.toThrow('append-only');
    }
    await client.end();
  });

  it('may use the tables that the owner makes later, and has deadlines of its own', async () => {
    await owner.query('create table made_later (id int generated always as identity primary key, note text)');
    const client = new pg.Client(own_url);
    await client.connect();
    await client.query(`insert into made_later (note) values ('by the application')`);
    expect((await client.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '10s' }]);
    await client.end();
    await owner.query('drop table made_later');
  });

  it('needs no right to tables for the audit upkeep once the owner has run it', async () => {
    expect((await back(['audit', 'prune'], { env: { DATABASE_URL: database.url } })).code).toBe(0);
    const upkeep = await keepUp({ config: loadAuditConfig({ DATABASE_URL: own_url }), log: pino({ level: 'silent' }) });
    expect(upkeep).toEqual({ created: [], dropped: [] });
  });
});

describe.skipIf(pgbouncerProgram === undefined)('deploy/pgbouncer (skipped where pgbouncer is not installed)', () => {
  let folder: string;
  let pooled: URL;
  let pgbouncer: ReturnType<typeof spawn>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pooler-'));
    const port = await freePort();
    const { port: server_port, pathname } = new URL(database.url);
    const ini = readFileSync(join(DEPLOY, 'pgbouncer/pgbouncer.ini'), 'utf8')
      .replace(
        'back = host=postgres port=5432 dbname=back',
        `back = host=127.0.0.1 port=${server_port} dbname=${pathname.slice(1)}`,
      )
      .replace('listen_addr = 0.0.0.0', 'listen_addr = 127.0.0.1')
      .replace('listen_port = 6432', `listen_port = ${port}`)
      .replace('/tmp/userlist.txt', `${folder}/userlist.txt`);
    const script = readFileSync(join(DEPLOY, 'pgbouncer/start.sh'), 'utf8').replaceAll('/tmp/', `${folder}/`);
    writeFileSync(join(folder, 'pgbouncer.ini'), ini);
    writeFileSync(join(folder, 'start.sh'), script.replace('/usr/sbin/pgbouncer', pgbouncerProgram ?? ''));
    const nobody = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
    if (process.getuid?.() === 0) {
      for (const name of ['.', 'pgbouncer.ini', 'start.sh']) chownSync(join(folder, name), 1000, 1000);
    }
    pgbouncer = spawn('/bin/sh', [join(folder, 'start.sh'), join(folder, 'pgbouncer.ini')], {
      ...nobody,
      env: { PATH: process.env.PATH, APP_PASSWORD },
      stdio: 'ignore',
    });
    const deadline = Date.now() + 5000;
    while (!(await isListening('127.0.0.1', port))) {
      if (Date.now() > deadline || pgbouncer.exitCode !== null) throw new Error('pgbouncer did not start');
    }
    pooled = new URL(asApp(database.url));
    pooled.host = `127.0.0.1:${port}`;
    pooled.pathname = '/back';
  });
  afterAll(async () => {
    const ended = once(pgbouncer, 'exit');
    pgbouncer.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the application to its database, by its password alone', async () => {
    const answers = await withApp(lifeOfAnAccount, { DATABASE_POOLER: 'transaction' }, pooled.href);
    expect(answers).toEqual(ALL_WELL);
    const stranger = new URL(pooled);
    stranger.password = 'somethingElse';
    await expect(new pg.Client(stranger.href).connect()).rejects.toThrow(/password|SASL/);
    const other = new URL(pooled);
    other.username = 'postgres';
    await expect(new pg.Client(other.href).connect()).rejects.toThrow(/password|SASL|user/);
  });
});
