import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { startComparison } from '../../src/doctor/observe/drift.ts';
import { testConfig } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { databaseIn, examine, seenIn } from './examine.ts';

describe('on a database without revisions the doctor', () => {
  let project: MigrationProject;

  beforeAll(async () => {
    project = await createProject();
  });
  afterAll(() => project.end());

  it('names the revisions that it lacks', async () => {
    expect((await examine(project.url)).finding('migrations')).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/^The database lacks \d+ revisions: 3bd489246313, /),
      fix: ['npx back upgrade head'],
    });
  });

  it('finds the foreign keys without an index, and its lines make them', async () => {
    await project.sql(FOREIGN_KEYS);
    onTestFinished(async () => {
      await project.sql('drop table "odd name", child, parts, parent');
    });
    const before = databaseIn(await examine(project.url));
    expect(seenIn(before.foreign_keys).map(({ constraint }) => constraint)).toEqual([
      'child_partial_fkey',
      'child_second_fkey',
      'child_two_fkey',
      'odd name_Parent Id_fkey',
      'parts_parent_id_fkey',
    ]);
    const { diagnosis } = await examine(project.url);
    const lines = diagnosis.groups
      .flatMap(({ findings }) => findings)
      .filter(({ check }) => check === 'foreign_key_indexes')
      .flatMap(({ fix }) => fix);
    expect(lines).toContain('CREATE INDEX CONCURRENTLY "odd name_Parent Id_idx" ON public."odd name" ("Parent Id");');
    for (const line of lines.filter((line) => line.startsWith('CREATE INDEX CONCURRENTLY'))) await project.sql(line);
    // A partitioned table takes its index in three steps.
    const [only, ofPartitions = ''] = lines.filter((line) => / ON ONLY |ATTACH/.test(line));
    await project.sql(only ?? '');
    for (const statement of ofPartitions
      .replace(/^.*?: /, '')
      .replaceAll(/\bp(_idx)?\b/g, 'parts_one$1')
      .split(';'))
      await project.sql(statement);
    expect((await examine(project.url)).finding('foreign_key_indexes')).toMatchObject({ level: 'ok' });
  });

  it('counts the rows that break a constraint which came later, and its lines find and accept them', async () => {
    await project.sql(`create table people (email text);
      insert into people values ('Ann@X.org'), ('ann@x.org'), ('BOB@x.org');
      alter table people add constraint people_email_check check (email = lower(email)) not valid`);
    onTestFinished(async () => {
      await project.sql('drop table people');
    });
    const before = (await examine(project.url)).finding('constraints');
    expect(before).toMatchObject({
      level: 'warn',
      message: '2 rows of public.people break people_email_check, which came later',
    });
    const [find = '', accept = ''] = before?.fix ?? [];
    expect((await project.sql(find)).map((row) => Object.values(row)[0])).toEqual(['Ann@X.org', 'BOB@x.org']);
    await project.sql('delete from people where email <> lower(email)');
    expect((await examine(project.url)).finding('constraints')?.message).toMatch(
      'is not validated, and every row keeps it',
    );
    await project.sql(accept.replace(/^.*?: /, ''));
    expect((await examine(project.url)).finding('constraints')).toMatchObject({ level: 'ok' });
  });

  it('names the settings that the role or the database gives to every session, and how to take them back', async () => {
    expect((await examine(project.url)).finding('inherited_settings')).toMatchObject({ level: 'ok' });
    const name = new URL(project.url).pathname.slice(1);
    await onServer(`alter database ${name} set datestyle = 'SQL, DMY'`);
    await onServer(`alter database ${name} set search_path = 'elsewhere'`);
    onTestFinished(async () => {
      await onServer(`alter database ${name} reset all`);
    });
    expect((await examine(project.url)).finding('inherited_settings')).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('DateStyle = SQL, DMY (database), search_path = elsewhere (database)'),
      fix: ['ALTER DATABASE … RESET DateStyle;', 'ALTER DATABASE … RESET search_path;'],
    });
    await onServer(`alter database ${name} set session_replication_role = 'replica'`);
    expect((await examine(project.url)).finding('inherited_settings')).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('audit events get no chain'),
    });
  });

  it('sees that the database takes no writes', async () => {
    const name = new URL(project.url).pathname.slice(1);
    await onServer(`alter database ${name} set default_transaction_read_only = on`);
    onTestFinished(async () => {
      await onServer(`alter database ${name} reset default_transaction_read_only`);
    });
    expect((await examine(project.url)).finding('writable')).toMatchObject({ level: 'fail' });
  });

  it('names the powers of a role, in production or on another machine', async () => {
    const production = await examine(project.url, { environment: { ENVIRONMENT: 'production' } });
    expect(production.finding('role')).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('postgres has SUPERUSER, CREATEROLE'),
    });
    expect((await examine(project.url)).finding('role')).toMatchObject({ level: 'ok' });
    const maker = await roleUrl('createrole');
    const examined = await examine(maker, { environment: { ENVIRONMENT: 'production' } });
    expect(examined.finding('role')?.message).toMatch(/ has CREATEROLE: /);
  });

  it('names the tables that a role does not reach, and its lines give them', async () => {
    await project.sql('create table one (a int); create table two (a int)');
    const url = await roleUrl('connection limit 12');
    const before = await examine(url);
    expect(before.finding('role')).toMatchObject({ level: 'ok' });
    expect(before.finding('privileges')).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/ may not read and write one, two$/),
    });
    // Its own limit counts too.
    expect(before.finding('max_connections')).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('limited to 12'),
    });
    for (const line of before.finding('privileges')?.fix ?? []) await project.sql(line);
    expect((await examine(url)).finding('privileges')).toMatchObject({ level: 'ok' });
  });

  /** The database's URL for a new role. */
  async function roleUrl(options: string): Promise<string> {
    const url = new URL(project.url);
    url.username = `role_${url.pathname.slice(1)}_${options.length}`;
    url.password = 'oo7Thai9aiph';
    await onServer(`create role ${url.username} login password '${url.password}' ${options}`);
    onTestFinished(async () => {
      await project.sql(`drop owned by ${url.username}; drop role ${url.username}`);
    });
    return url.href;
  }
});

describe('on a database at head the doctor', () => {
  let database: { url: string; drop: () => Promise<void> };

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('says that everything agrees', async () => {
    const { finding } = await examine(database.url);
    expect(finding('migrations')).toMatchObject({ level: 'ok', message: 'The database is at head' });
    expect(finding('drift')).toMatchObject({ level: 'ok', message: 'Models, migrations and database agree' });
    expect(finding('foreign_key_indexes')).toMatchObject({ level: 'ok' });
  });

  it('names what somebody changed by hand', async () => {
    await sql('alter table known_devices add column by_hand text');
    const { finding } = await examine(database.url);
    await sql('alter table known_devices drop column by_hand');
    expect(finding('drift')).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/^models and database: .*by_hand/),
    });
  });

  it('says which revision it does not know, and does not compare', async () => {
    await sql(`update alembic_version set version_num = 'ffff00001111'`);
    const { finding } = await examine(database.url);
    await sql(
      `update alembic_version set version_num = (select version_num from back_revisions order by applied_at desc limit 1)`,
    );
    expect(finding('migrations')).toMatchObject({ level: 'fail', message: expect.stringContaining('ffff00001111') });
    expect(finding('drift')).toBeUndefined();
  });

  it('stops a comparison that nobody waits for', async () => {
    const comparison = startComparison(testConfig(database.url));
    await comparison.stop();
    await expect(comparison.answer).rejects.toThrow('ended early');
  });

  async function sql(text: string): Promise<void> {
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query(text);
    await client.end();
  }
});

/** Of one parent: a key with its index, one with the index of another first column, one of two columns, a partial index … */
const FOREIGN_KEYS = `
  create table parent (id int primary key, a int, b int, unique (a, b));
  create table child (
    good int references parent, second int references parent, a int, b int, partial int references parent,
    without_nulls int references parent, constraint child_two_fkey foreign key (a, b) references parent (a, b));
  create index on child (good, second);
  create index on child (a);
  create index on child (partial) where partial > 5;
  create index on child (without_nulls) where without_nulls is not null;
  create table "odd name" ("Parent Id" int references parent);
  create table parts (id int, parent_id int references parent) partition by range (id);
  create table parts_one partition of parts for values from (0) to (9);`;

async function onServer(text: string): Promise<pg.QueryResult> {
  const client = new pg.Client(inject('postgres_url'));
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
