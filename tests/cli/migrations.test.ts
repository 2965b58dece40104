import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

describe('the migration commands', () => {
  let database: MigrationProject;
  let cli: CliProject;
  let directory: string;
  let second: string;

  beforeAll(async () => {
    database = await createProject();
    cli = createCliProject({ url: database.url, migrations: false });
    directory = join(cli.root, 'migrations/versions');
    mkdirSync(directory, { recursive: true });
    const one = { id: 'aaaa1111', message: 'one', upgrade: 'create table one (a int);', downgrade: 'drop table one;' };
    writeFolder(directory, one);
    second = writeFolder(directory, {
      id: 'bbbb2222',
      down: 'aaaa1111',
      message: 'two',
      upgrade: 'create index one_a on one (a);',
      downgrade: 'drop index one_a;',
    });
  });

  afterAll(async () => {
    cli.end();
    await database.end();
  });

  it('print a line for each revision with its time, and warn before a dangerous one', async () => {
    const { code, stdout, stderr } = await cli.back('upgrade', 'head');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^upgrade aaaa1111 {2}one {2}\(\d+ ms\)\nupgrade bbbb2222 {2}two {2}\(\d+ ms\)\n$/);
    expect(stderr).toMatch(
      /^warning: migrations\/versions\/.*bbbb2222_two\/upgrade\.sql:7:1 {2}index-blocks-writes .*See: npx back lint bbbb2222$/m,
    );
    expect((await cli.back('upgrade', 'head')).stdout).toBe('Nothing to apply: the database is up to date\n');
  });

  it('take -1 as a target', async () => {
    expect((await cli.back('downgrade', '-1')).stdout).toMatch(/^downgrade bbbb2222/);
    expect((await cli.back('upgrade', '+1', '--no-lint')).stderr).toBe('');
  });

  it('need no SECRET_KEY', async () => {
    expect((await cli.back('current')).stdout).toBe('bbbb2222 (head)  two\n');
  });

  it('speak JSON to scripts', async () => {
    const json = async (...args: string[]) => JSON.parse((await cli.back(...args, '--json')).stdout);
    expect(await json('current')).toMatchObject({
      revisions: [{ id: 'bbbb2222', is_head: true, applied_at: expect.any(String) }],
    });
    expect(await json('history', '-i')).toMatchObject([
      { id: 'bbbb2222', is_current: true },
      { id: 'aaaa1111', is_current: false },
    ]);
    expect(await json('heads')).toMatchObject([{ id: 'bbbb2222' }]);
    expect(await json('branches')).toEqual([]);
    expect(await json('show', 'aaaa')).toMatchObject([{ id: 'aaaa1111', message: 'one', down_revisions: [] }]);
    expect(await json('lint', 'bbbb2222')).toMatchObject([
      { rule: 'index-blocks-writes', lock: 'SHARE', table: 'one' },
    ]);
    expect((await json('check'))[0]).toMatchObject({ between: 'models and migrations', remedy: expect.any(String) });
  });

  it('exit with 1 and one sentence where something is wrong', async () => {
    for (const [args, sentence] of [
      [['upgrade', 'nosuch'], 'There is no revision nosuch; see: npx back history\n'],
      [['show', 'nosuch'], 'There is no revision nosuch; see: npx back history\n'],
      [['history', '-r', 'head'], '"head" is not a range such as base:head or 3f2a:\n'],
      [
        ['downgrade', 'base', '--sql'],
        'A downgrade script needs to know where it starts: npx back downgrade FROM:TO --sql\n',
      ],
      [['revision', '-m', 'x', '--rename', 'a'], '--rename a: write it as OLD:NEW\n'],
      [['revision', '-m', 'x', '--from-database'], '--from-database goes with --autogenerate\n'],
    ] as const)
      expect(await cli.back(...args)).toEqual({ code: 1, stdout: '', stderr: sentence });
  });

  it('let lint and check fail a build', async () => {
    const lint = await cli.back('lint', 'bbbb2222');
    expect(lint.code).toBe(1);
    expect(lint.stdout).toContain('SHARE on one: blocks every write');
    expect(lint.stdout).toContain('CREATE INDEX CONCURRENTLY one_a ON one (…);');
    expect(lint.stdout).toMatch(/1 open danger\n$/);
    expect((await cli.back('check')).code).toBe(1);
  });

  it('notice an edited file, and go on when it is stamped', async () => {
    appendFileSync(join(second, 'upgrade.sql'), 'select 1;\n');
    const { code, stderr } = await cli.back('upgrade', 'head');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Revision bbbb2222 was edited after it was applied/);
    expect((await cli.back('stamp', 'head')).stdout).toBe('Stamped bbbb2222\n');
    expect((await cli.back('upgrade', 'head')).code).toBe(0);
  });
});

describe('without development dependencies', () => {
  it('everything works that compares nothing, and what compares says what it lacks', async () => {
    const database = await createProject();
    onTestFinished(database.end);
    const cli = createCliProject({ url: database.url, without: ['drizzle-kit'] });
    onTestFinished(cli.end);
    for (const args of [
      ['upgrade', 'head'],
      ['current'],
      ['history'],
      ['heads'],
      ['lint', 'head'],
      ['stamp', 'head'],
      ['downgrade', 'base'],
    ])
      expect({ args, ...(await cli.back(...args)) }).toMatchObject({ args, code: 0 });
    const { code, stderr } = await cli.back('check');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Comparing needs drizzle-kit.*\n$/) });
  });
});

describe('models that a module exports and the index does not register', () => {
  const FORGOTTEN = {
    table: `pgTable('tags', { id: uuid() })`,
    view: `pgView('titles').as((query) => query.select({ title: items.title }).from(items))`,
    'materialized view': `pgMaterializedView('titles').as((query) => query.select().from(items))`,
    policy: `pgPolicy('own', { to: 'public' }).link(items)`,
    role: `pgRole('reader')`,
    sequence: `pgSequence('numbers')`,
    enum: `pgEnum('mood', ['glad'])`,
    schema: `pgSchema('shop')`,
  };

  it('are named with their module by revision and check', async () => {
    const database = await createProject();
    const cli = createCliProject({ url: database.url, migrations: false });
    onTestFinished(async () => {
      cli.end();
      await database.end();
    });
    const file = 'src/app/models/items.ts';
    const lines = Object.values(FORGOTTEN).map((model, index) => `export const forgotten${index} = pg.${model};`);
    const text = [`import * as pg from 'drizzle-orm/pg-core';`, ...lines].join('\n');
    appendFileSync(join(cli.root, file), `\n${text}\n`);
    const named = Object.keys(FORGOTTEN).map((kind, index) => `${file} exports the ${kind} forgotten${index}`);
    // Of a module elsewhere the same is said.
    const elsewhere = ['services/tags.ts', 'product/moods.ts'].map((name) => join(cli.root, 'src/app', name));
    writeFileSync(
      elsewhere[0] ?? '',
      `import * as pg from 'drizzle-orm/pg-core';\nexport const tags = pg.pgTable('tags', {});\n`,
    );
    writeFileSync(
      elsewhere[1] ?? '',
      `import { forgotten7 } from '../models/items.ts';\nexport const mood = forgotten7.enum('mood', ['glad']);\n`,
    );
    named.push('src/app/product/moods.ts exports the enum mood', 'src/app/services/tags.ts exports the table tags');
    const stderr = `${named.join('; ')}: not among the models. Register it there, or do not export it\n`;
    for (const line of ['revision --autogenerate -m forgotten', 'check'])
      expect(await cli.back(...line.split(' '))).toEqual({ code: 1, stdout: '', stderr });
  });
});
