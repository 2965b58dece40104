import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type CliProject, createCliProject, result } from '../helpers/cli-project.ts';
import { connectTo, createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';
import { pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { isShortForm } from '../helpers/short-form.ts';

const RACERS = isShortForm ? 4 : 20;
const POLL_MS = 20;

async function racing(url: string): Promise<void> {
  const cli = createCliProject({ url });
  onTestFinished(cli.end);
  // Once before, so that the racers share the compiled sources and meet at the database.
  await cli.back('heads');
  const results = await Promise.all(Array.from({ length: RACERS }, () => cli.back('upgrade', 'head')));
  expect(results.map(({ code, stderr }) => ({ code, error: code === 0 ? '' : stderr }))).toEqual(
    Array.from({ length: RACERS }, () => ({ code: 0, error: '' })),
  );
  const heads = results.map(({ stdout }) => stdout.match(/^upgrade \S+/gm) ?? []);
  const revisions = (await cli.back('history')).stdout.trim().split('\n').length;
  expect(heads.flat(), 'each revision was applied once').toHaveLength(revisions);
  expect(new Set(heads.flat()).size).toBe(revisions);
  const idle = results.filter(({ stdout }) => /Nothing to apply/.test(stdout));
  expect(idle.length).toBeGreaterThanOrEqual(RACERS - revisions);
}

describe(`${RACERS} upgrades at once on an empty database`, () => {
  it('apply each revision once and all end well', async () => {
    const project = await createProject();
    onTestFinished(project.end);
    await racing(project.url);
    expect(await project.sql('select count(*)::int as count from alembic_version')).toEqual([{ count: 1 }]);
  });

  if (pgbouncerProgram === undefined) {
    it.skip('do so through a transaction pooler (skipped: pgbouncer is not installed)');
    return;
  }

  it('do so through a transaction pooler', async () => {
    const project = await createProject();
    onTestFinished(project.end);
    const pooler = await startPgbouncer(project.url);
    onTestFinished(pooler.stop);
    await racing(pooler.url);
    expect(await project.sql('select count(*)::int as count from alembic_version')).toEqual([{ count: 1 }]);
  });

  it('wait for an index that one of them builds concurrently, and nobody waits for ever', async () => {
    const project = await createProject();
    onTestFinished(project.end);
    const pooler = await startPgbouncer(project.url);
    onTestFinished(pooler.stop);
    const rows = 'insert into big select i, i::text from generate_series(1, 200000) i;';
    project.write({ id: 'aaaa1111', upgrade: `create table big (a int, b text);\n\n${rows}` });
    project.write({
      id: 'bbbb2222',
      down: 'aaaa1111',
      upgrade: '-- transaction: none\ncreate index concurrently big_b on big (b);',
    });
    const steps = await Promise.all(
      Array.from({ length: 8 }, () => project.migrator({ connect: () => connectTo(pooler.url) }).upgrade('head')),
    );
    expect(
      steps
        .flat()
        .map(({ revision }) => revision.id)
        .sort(),
    ).toEqual(['aaaa1111', 'bbbb2222']);
    expect(await project.sql(`select indisvalid from pg_index where indexrelid = 'big_b'::regclass`)).toEqual([
      { indisvalid: true },
    ]);
  });
});

describe('kill -9 in the middle of an upgrade', () => {
  let project: MigrationProject;
  let cli: CliProject;

  beforeAll(async () => {
    project = await createProject({ server: inject('postgres_url') });
    cli = createCliProject({ url: project.url, migrations: false });
    const directory = join(cli.root, 'migrations/versions');
    mkdirSync(directory, { recursive: true });
    const naps = Array.from({ length: 400 }, () => 'select pg_sleep(0.005);').join('\n\n');
    writeFolder(directory, { id: 'aaaa1111', upgrade: 'create table first (a int);', downgrade: 'drop table first;' });
    writeFolder(directory, {
      id: 'bbbb2222',
      down: 'aaaa1111',
      upgrade: `create table second (a int);\n\n${naps}\n\ncreate table third (a int);`,
      downgrade: 'drop table third;\n\ndrop table second;',
    });
    writeFolder(directory, {
      id: 'cccc3333',
      down: 'bbbb2222',
      upgrade: '-- transaction: none\ncreate index concurrently third_a on third (a);',
      downgrade: 'drop index third_a;',
    });
  });

  afterAll(async () => {
    cli.end();
    await project.end();
  });

  it('leaves version table and schema in agreement, each time', async () => {
    for (const after_ms of [0, 300, 900]) {
      const child = cli.start('upgrade', 'bbbb2222', '--no-lint');
      await until('select pg_sleep(0.005)');
      await sleep(after_ms);
      child.kill('SIGKILL');
      await once(child, 'close');
      await untilAlone();
      expect(await state()).toEqual({ version: 'aaaa1111', tables: 'first' });
    }
    expect((await cli.back('upgrade', 'bbbb2222', '--no-lint')).code).toBe(0);
    expect(await state()).toEqual({ version: 'bbbb2222', tables: 'first second third' });
  });

  it('leaves an index that the next run builds anew', async () => {
    const reader = await project.connect();
    await reader.query('begin isolation level repeatable read; select 1');
    await project.sql('insert into third values (1)');
    const child = cli.start('upgrade', 'head', '--no-lint');
    await until('create index concurrently third_a on');
    child.kill('SIGKILL');
    await once(child, 'close');
    await project.sql(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where query like 'create index conc%' and datname = current_database()`,
    );
    await reader.query('rollback');
    expect(await state()).toEqual({ version: 'bbbb2222', tables: 'first second third' });
    expect(await index()).toEqual([{ indisvalid: false }]);
    const current = await cli.back('current');
    expect(current.stdout).toContain('cccc3333 stopped after statement 0 of its upgrade');

    expect(await result(cli.start('upgrade', 'head', '--no-lint'))).toMatchObject({ code: 0 });
    expect(await index()).toEqual([{ indisvalid: true }]);
    expect((await state()).version).toBe('cccc3333');
  });

  const index = (): Promise<unknown[]> =>
    project.sql(`select indisvalid from pg_index where indexrelid = to_regclass('third_a')::oid`);

  async function state(): Promise<{ version: string; tables: string }> {
    const [row] = await project.sql<{ version: string; tables: string }>(
      `select (select string_agg(version_num, ' ') from alembic_version) as version,
              (select string_agg(tablename, ' ' order by tablename) from pg_tables where tablename in ('first', 'second', 'third')) as tables`,
    );
    return row ?? { version: '', tables: '' };
  }

  /** Polls, since PostgreSQL tells nobody when a statement begins. */
  async function until(query: string): Promise<void> {
    while ((await activity(`query like '%${query}%' and state = 'active'`)) === 0) await sleep(POLL_MS);
  }

  async function untilAlone(): Promise<void> {
    while ((await activity(`application_name = 'back-api'`)) > 0) await sleep(POLL_MS);
  }

  async function activity(condition: string): Promise<number> {
    const [row] = await project.sql<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${condition}`,
    );
    return row?.count ?? 0;
  }
});
