import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

describe('back lint', () => {
  let database: MigrationProject;
  let cli: CliProject;
  let directory: string;

  beforeAll(async () => {
    database = await createProject();
    cli = createCliProject({ url: database.url, migrations: false });
    directory = join(cli.root, 'migrations/versions');
    mkdirSync(directory, { recursive: true });
    const upgrade = 'create table one (a int, b varchar(20));';
    writeFolder(directory, { id: 'aaaa1111', message: 'one', upgrade, downgrade: 'drop table one;' });
  });
  afterAll(async () => {
    cli.end();
    await database.end();
  });

  it('judges a file as if it were the next revision', async () => {
    writeFileSync(join(cli.root, 'next.sql'), 'alter table one alter b type varchar(40);\n\n  drop table one;\n');
    const { code, stdout } = await cli.back('lint', 'next.sql', '--locks');
    expect(code).toBe(1);
    expect(stdout).toContain('next.sql:1  ACCESS EXCLUSIVE on one: blocks every read and every write');
    expect(stdout).toContain('next.sql:3:3  drops-table  drop table one');
    expect(stdout).toMatch(/1 open danger\n$/);
  });

  it('reads standard input', async () => {
    const dangerous = await cli.shell("echo 'truncate one;' | npx back lint -");
    expect(dangerous).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('standard input:1:1  deletes-all-rows'),
    });
    const harmless = await cli.shell("echo 'alter table one add column c int;' | npx back lint -");
    expect(harmless).toMatchObject({ code: 0, stdout: 'No open dangers\n' });
  });

  it('judges the file of a revision where that stands', async () => {
    const next = { id: 'bbbb2222', down: 'aaaa1111', message: 'two', upgrade: 'create table two (a int);' };
    const path = writeFolder(directory, { ...next, downgrade: 'select 1;' });
    expect(await cli.back('lint', join(path, 'upgrade.sql'))).toMatchObject({ code: 0 });
    writeFileSync(join(cli.root, 'later.sql'), 'drop table two;');
    expect(await cli.back('lint', 'later.sql')).toMatchObject({ code: 1 });
  });

  it('prints annotations for GitHub', async () => {
    const sql = '-- lint: allow renames because the code knows both\nalter table one rename to uno;\ndrop table one;';
    writeFileSync(join(cli.root, 'next, a.sql'), sql);
    const { code, stdout } = await cli.back('lint', 'next, a.sql', '--format', 'github');
    expect(code).toBe(1);
    const [accepted, open, ...rest] = stdout.trim().split('\n');
    expect(accepted).toBe(
      '::notice file=next%2C a.sql,line=2,col=1,title=renames::Accepted because the code knows both',
    );
    expect(open).toMatch(/^::error file=next%2C a\.sql,line=3,col=1,title=drops-table::Its rows are gone.*%0A/);
    expect(rest).toEqual([]);
  });

  it('prints JSON for scripts, with either option', async () => {
    writeFileSync(join(cli.root, 'next.sql'), 'truncate one;');
    const outputs = await Promise.all([
      cli.back('lint', 'next.sql', '--json'),
      cli.back('lint', 'next.sql', '--format', 'json'),
    ]);
    for (const { code, stdout } of outputs) {
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject([
        { rule: 'deletes-all-rows', file: 'next.sql', line: 1, column: 1, table: 'one', lock: 'ACCESS EXCLUSIVE' },
      ]);
    }
  });

  it('refuses a format that there is not', async () => {
    expect(await cli.back('lint', '--format', 'xml')).toMatchObject({ code: 1, stdout: '' });
  });

  describe('of a text that PostgreSQL refuses', () => {
    let path: string;
    beforeAll(() => {
      const upgrade =
        "comment on table one is 'ü€';\nalter table one add colum\n  x int not nul;\ncreate table three (a int);";
      path = writeFolder(directory, {
        id: 'cccc3333',
        down: 'bbbb2222',
        message: 'three',
        upgrade,
        downgrade: 'drop table;',
      });
    });

    it('says where, in both files', async () => {
      const { code, stdout } = await cli.back('lint', 'cccc3333', '--json');
      expect(code).toBe(1);
      const errors = JSON.parse(stdout).filter(({ severity }: { severity: string }) => severity === 'error');
      expect(errors).toMatchObject([
        {
          rule: 'syntax-error',
          file: join(path, 'upgrade.sql'),
          line: 9,
          column: 5,
          why: expect.stringContaining('"int"'),
        },
        { rule: 'syntax-error', file: join(path, 'downgrade.sql'), line: 1, column: 11 },
      ]);
    });

    it('upgrade --dry-run says so before the database has seen anything', async () => {
      const { code, stdout, stderr } = await cli.back('upgrade', 'head', '--dry-run');
      expect(code).toBe(1);
      expect(stdout).toContain('would upgrade cccc3333  three');
      expect(stderr).toMatch(/^error: migrations\/versions\/.*cccc3333_three\/upgrade\.sql:9:5 {2}.*"int"/m);
      expect(stderr).not.toMatch(/^error: .*downgrade\.sql/m);
      expect(await database.sql("select 1 from pg_class where relnamespace = 'public'::regnamespace")).toEqual([]);
    });

    it.each(['upgrade head', 'upgrade head --sql', 'downgrade cccc3333:bbbb2222 --sql'])(
      '%s runs and prints nothing, unless lint is off',
      async (line) => {
        const { code, stdout, stderr } = await cli.back(...line.split(' '));
        const place = line.startsWith('upgrade') ? 'upgrade.sql:9:5' : 'downgrade.sql:1:11';
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toContain(`cccc3333_three/${place}  syntax error`);
        expect(await database.sql("select 1 from pg_class where relnamespace = 'public'::regnamespace")).toEqual([]);
        if (!line.endsWith('--sql')) return;
        const unread = await cli.back(...line.split(' '), '--no-lint');
        expect(unread).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/add colum|drop table;/) });
      },
    );

    it('downgrade reverts nothing before it', async () => {
      await database.sql('create table one (a int); create table two (a int)');
      await cli.back('stamp', 'cccc3333');
      const { code, stdout, stderr } = await cli.back('downgrade', 'base');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^error: .*cccc3333_three\/downgrade\.sql:1:11 {2}syntax error/);
      expect(await database.sql('select version_num from alembic_version')).toEqual([{ version_num: 'cccc3333' }]);
      await database.sql('drop table one, two, alembic_version, back_revisions');
    });

    it('check names it too', async () => {
      const { code, stdout } = await cli.back('check');
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /^migrations and grammar: .*cccc3333_three\/upgrade\.sql:9:5: syntax error at or near "int"$/m,
      );
      expect(stdout).toMatch(/^migrations and grammar: .*cccc3333_three\/downgrade\.sql:1:11: syntax error/m);
    });
  });

  it('is left out of an upgrade where its parser is not installed, and says so when it is asked for', async () => {
    const other = await createProject();
    const bare = createCliProject({ url: other.url, migrations: false, without: ['@libpg-query'] });
    const versions = join(bare.root, 'migrations/versions');
    mkdirSync(versions, { recursive: true });
    writeFolder(versions, { id: 'aaaa1111', upgrade: 'create table one (a int);', downgrade: 'drop table one;' });
    expect(await bare.back('upgrade', 'head')).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await bare.back('lint');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('npm install --save-dev @libpg-query/parser'),
    });
    bare.end();
    await other.end();
  });
});
