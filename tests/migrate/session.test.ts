import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectTo, createProject, type MigrationProject, type WrittenRevision } from '../helpers/migrations.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { psqlProgram } from '../helpers/postgres-15.ts';

async function project(...revisions: WrittenRevision[]): Promise<MigrationProject> {
  const created = await createProject();
  onTestFinished(created.end);
  for (const revision of revisions) created.write(revision);
  return created;
}

/** What a revision may leave behind, and a query that must answer the same before and after it. */
const LEFT_BEHIND: readonly [string, string, string][] = [
  ['a search_path', `select pg_catalog.set_config('search_path', '', false);`, 'show search_path'],
  [
    'a role',
    'create role leaker; grant create, usage on schema public to leaker; set role leaker;',
    'select current_user',
  ],
  [
    'a session user',
    'create role leaker; grant create, usage on schema public to leaker; set session authorization leaker;',
    'select session_user',
  ],
  ['a time zone', `set time zone 'Asia/Tokyo';`, 'show timezone'],
  ['a setting of its own', `set app.tenant = '7';`, `select coalesce(current_setting('app.tenant', true), '') as it`],
  [
    'a read-only session',
    'set session characteristics as transaction read only;',
    'show default_transaction_read_only',
  ],
  [
    'a setting made in a block',
    `do $$ begin perform set_config('app.who', 'me', false); end $$;`,
    `select coalesce(current_setting('app.who', true), '') as it`,
  ],
  ['a temporary table', 'create temporary table scratch (a int);', `select to_regclass('pg_temp.scratch')`],
  ['a prepared statement', 'prepare ask as select 1;', 'select count(*) from pg_prepared_statements where from_sql'],
  ['a cursor', 'declare c cursor with hold for select 1;', 'select count(*) from pg_cursors'],
  ['a channel', 'listen news;', 'select count(*) from pg_listening_channels()'],
  [
    'a session lock',
    'select pg_advisory_lock(42);',
    `select count(*) from pg_locks where locktype = 'advisory' and objid = 42`,
  ],
];

/** Each test drops what its revision left in the whole server. */
const DROP_ROLE = `do $$ begin if exists (select from pg_roles where rolname = 'leaker') then drop owned by leaker; drop role leaker; end if; end $$`;

describe('what a revision sets in its session', () => {
  it.each(LEFT_BEHIND)('ends with it: %s', async (_, statements, question) => {
    const created = await project({ id: 'aaaa1111', upgrade: `${statements}\n\ncreate table public.one (a int);` });
    onTestFinished(async () => void (await created.sql(DROP_ROLE)));
    const client = await created.connect();
    const [before] = (await client.query(question)).rows;
    client.end = async () => {};
    await created.migrator({ connect: async () => client }).upgrade('head');
    expect((await client.query(question)).rows).toEqual([before]);
    expect(await created.sql('select version_num from alembic_version')).toEqual([{ version_num: 'aaaa1111' }]);
  });

  it('does not reach the next revision', async () => {
    const created = await project(
      {
        id: 'aaaa1111',
        upgrade: `select pg_catalog.set_config('search_path', '', false);\n\ncreate table public.a (id int);`,
      },
      { id: 'bbbb2222', down: 'aaaa1111', upgrade: 'create table b (id int);' },
    );
    expect(await created.migrator().upgrade('head')).toHaveLength(2);
    expect(await created.sql(`select to_regclass('public.b') is not null as there`)).toEqual([{ there: true }]);
  });

  it('leaves nothing after a failure either', async () => {
    const created = await project({ id: 'aaaa1111', upgrade: 'select pg_advisory_lock(43);\n\nselect 1 / 0;' });
    const client = await created.connect();
    client.end = async () => {};
    await expect(created.migrator({ connect: async () => client }).upgrade('head')).rejects.toThrow('division by zero');
    expect((await client.query(`select 1 from pg_locks where locktype = 'advisory' and objid = 43`)).rows).toEqual([]);
  });

  it('counts in every part of a revision that runs in parts', async () => {
    const created = await project({
      id: 'aaaa1111',
      upgrade: `create schema other;\n\nset search_path = other;\n\ncreate table one (a int);\n\n-- transaction: none\ncreate index concurrently one_a on other.one (a);\n\ncreate table two (a int);`,
    });
    await created.migrator().upgrade('head');
    expect(await created.sql(`select tablename from pg_tables where schemaname = 'other' order by 1`)).toEqual([
      { tablename: 'one' },
      { tablename: 'two' },
    ]);
  });

  it.each([
    'set statement_timeout = 0',
    `select set_config('a.b', 'c', false)`,
    'create temp table t (a int)',
    'listen x',
  ])('is refused outside of a transaction: %s', async (statement) => {
    const created = await project({ id: 'aaaa1111', upgrade: `select 1;\n\n-- transaction: none\n${statement};` });
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /upgrade\.sql, line 10: .* outside of a transaction would stay in the session/,
    );
    await expect(created.migrator().script('upgrade', 'head')).rejects.toThrow('would stay in the session');
  });

  it('is not what the role or the database has set for it', async () => {
    const created = await project({
      id: 'aaaa1111',
      upgrade: `create table t (at date default '11/05/2026', word text default 'C:\\temp', path text);\n\ninsert into t (path) values ('a\\b');`,
    });
    const [{ name = '' } = {}] = await created.sql<{ name: string }>('select current_database() as name');
    for (const setting of [
      `datestyle = 'SQL, DMY'`,
      'standard_conforming_strings = off',
      'default_transaction_read_only = on',
      `default_transaction_isolation = 'serializable'`,
      `timezone = 'Asia/Tokyo'`,
      `search_path = 'nowhere'`,
      `statement_timeout = '1s'`,
    ])
      await created.sql(`alter database ${name} set ${setting}`);
    await created.migrator().upgrade('head');
    const client = await created.connect();
    await client.query(`set datestyle = 'ISO'`);
    expect((await client.query(`select at::text, word, path from public.t`)).rows).toEqual([
      { at: '2026-11-05', word: 'C:\\temp', path: 'a\\b' },
    ]);
    const { revisions } = await created.migrator().current();
    expect(Math.abs(Date.now() - (revisions[0]?.applied_at?.getTime() ?? 0))).toBeLessThan(60_000);
  });

  it.skipIf(psqlProgram === undefined)('ends in the offline script too', async () => {
    const created = await project(
      ...LEFT_BEHIND.map(([, statements], index) => ({
        id: `aaaa${1000 + index}`,
        down: index === 0 ? '' : `aaaa${999 + index}`,
        upgrade: `${statements.replace(/create role leaker;.*leaker; set/, 'set').replaceAll('leaker', 'leaker2')}\n\ncreate table public.t${index} (a int);`,
      })),
      { id: 'bbbb2222', down: `aaaa${999 + LEFT_BEHIND.length}`, upgrade: 'create table last (id int);' },
    );
    await created.sql('create role leaker2');
    onTestFinished(async () => {
      await created.sql('drop owned by leaker2');
      await created.sql('drop role leaker2');
    });
    await created.sql('grant create, usage on schema public to leaker2');
    const file = join(mkdtempSync(join(tmpdir(), 'back-script-')), 'upgrade.sql');
    writeFileSync(file, await created.migrator().script('upgrade', 'head'));
    await promisify(execFile)(psqlProgram ?? '', ['-v', 'ON_ERROR_STOP=1', '-f', file, created.url]);
    expect(await created.sql(`select schemaname from pg_tables where tablename = 'last'`)).toEqual([
      { schemaname: 'public' },
    ]);
    expect(await created.sql('select version_num from alembic_version')).toEqual([{ version_num: 'bbbb2222' }]);
  });
});

describe('a schema that the role or the database prefers', () => {
  it.each([
    ['of the name of the user', (name: string) => `create schema "${name}"`],
    ['of its own search_path', () => `create schema before; alter database %d set search_path = before, public`],
    ['of no search_path at all', () => `alter database %d set search_path = ''`],
  ])('does not get the tables: %s', async (_, given) => {
    const created = await project(
      { id: 'aaaa1111', upgrade: 'create table one (a int);', downgrade: 'drop table one;' },
      {
        id: 'bbbb2222',
        down: 'aaaa1111',
        upgrade: '-- transaction: none\ncreate index concurrently one_a on one (a);',
        downgrade: '-- transaction: none\ndrop index concurrently one_a;',
      },
    );
    const [{ user = '', db = '' } = {}] = await created.sql<{ user: string; db: string }>(
      'select current_user as user, current_database() as db',
    );
    await created.sql(given(user).replace('%d', db));
    await created.migrator().upgrade('head');
    expect(
      await created.sql(
        `select relname, relnamespace::regnamespace::text as schema from pg_class where relname in ('one', 'one_a', 'alembic_version') order by 1`,
      ),
    ).toEqual(['alembic_version', 'one', 'one_a'].map((relname) => ({ relname, schema: 'public' })));
    await created.migrator().downgrade('base');
    expect(await created.sql(`select 1 from pg_class where relname in ('one', 'one_a')`)).toEqual([]);
  });
});

describe.skipIf(pgbouncerProgram === undefined)('behind a transaction pooler', () => {
  let created: MigrationProject;
  let bouncer: Pgbouncer;
  beforeAll(async () => {
    created = await createProject();
    // One server for all: what a revision leaves is the next client's.
    bouncer = await startPgbouncer(created.url, { default_pool_size: 1 });
  });
  afterAll(async () => {
    await bouncer?.stop();
    await created.sql(DROP_ROLE);
    await created?.end();
  });

  it.each(LEFT_BEHIND)('no other client sees %s', async (_, statements, question) => {
    await created.reset();
    await created.sql(DROP_ROLE);
    created.write({ id: 'aaaa1111', upgrade: `${statements}\n\ncreate table public.one (a int);` });
    const other = await connectTo(bouncer.url);
    await other.query(`set application_name = 'the API'`).catch(() => {});
    const [before] = (await other.query(question)).rows;
    await created.migrator({ connect: () => connectTo(bouncer.url) }).upgrade('head');
    expect((await other.query(question)).rows).toEqual([before]);
    expect((await other.query('select 1 as one from public.one')).rows).toEqual([]);
    await other.end();
  });

  it('the time zone and the encoding that the pooler gives its clients stay', async () => {
    await created.reset();
    created.write({ id: 'aaaa1111', upgrade: `set time zone 'Asia/Tokyo';\n\ncreate table one (a text default 'é');` });
    const url = new URL(bouncer.url);
    const client = await connectTo(url.href);
    await client.query(`set timezone = 'Europe/Paris'`);
    await created.migrator({ connect: () => connectTo(bouncer.url) }).upgrade('head');
    expect((await client.query('show timezone')).rows).toEqual([{ TimeZone: 'Europe/Paris' }]);
    expect((await client.query('show client_encoding')).rows).toEqual([{ client_encoding: 'UTF8' }]);
    await client.end();
  });
});
