import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type LocalRegistry, startLocalRegistry } from '../helpers/local-registry.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { packPackages } from '../helpers/packed-packages.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { postgres15 } from '../helpers/postgres-15.ts';
import { blocksOf, createReadmeProject, type ReadmeProject } from '../helpers/readme-project.ts';
import { casesOf, isShortForm } from '../helpers/short-form.ts';
import { DRIZZLE_EXAMPLES, EXAMPLE_ROWS } from './drizzle-examples.ts';
import { ORIGINS } from './origins.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOOL = blocksOf(readFileSync(join(ROOT, 'packages/migrate/README.md'), 'utf8'));
const DATABASE = blocksOf(readFileSync(join(ROOT, 'packages/devdb/README.md'), 'utf8'));
/** What the processor needs to find out where a database stands; another process may hold it up, so the best of some counts. */
const START_WITHIN_MS = 400;
const STRICT_TYPES =
  '--noEmit --strict --target es2024 --module nodenext --types node --allowImportingTsExtensions --skipLibCheck false';

let packed: Awaited<ReturnType<typeof packPackages>>;
let registry: LocalRegistry;
let installed: ReadmeProject;

beforeAll(async () => {
  [packed, registry] = await Promise.all([packPackages(['pg-revisions', 'pg-devdb']), startLocalRegistry()]);
  installed = createReadmeProject({ registry: registry.url, url: inject('postgres_url') });
  for (const { language, text } of TOOL.slice(0, 1)) {
    expect(language).toBe('sh');
    for (const line of text.trim().split('\n')) await succeeds(installed, withTarballs(line));
  }
}, 300_000);

afterAll(async () => {
  installed?.end();
  packed?.remove();
  await registry?.close();
});

const servers = [
  { name: 'PostgreSQL 17', binaries: undefined, isThere: true },
  { name: 'PostgreSQL 15', binaries: postgres15, isThere: postgres15 !== undefined },
];

describe.each(isShortForm ? servers.slice(0, 1) : servers)(
  'an empty project that follows the README on $name',
  ({ binaries, isThere }) => {
    let server: EmbeddedPostgres | undefined;
    let database: MigrationProject;

    beforeAll(async () => {
      if (!isThere) return;
      server = binaries === undefined ? undefined : await startThrowAwayPostgres({ binaries });
      database = await createProject(server === undefined ? {} : { server: server.url });
    });
    afterAll(async () => {
      await database?.end();
      await server?.stop();
    });

    it.skipIf(!isThere)('comes to its end, and is left at head', async () => {
      await follow(database.url);
      expect(await database.sql('select count(*)::int as count from alembic_version')).toEqual([{ count: 1 }]);
      await insertsInto(database);
    });

    it.skipIf(!isThere || pgbouncerProgram === undefined || isShortForm)(
      'does so through PgBouncer in transaction mode',
      async () => {
        await database.reset();
        const pooler: Pgbouncer = await startPgbouncer(database.url);
        try {
          await follow(pooler.url);
          await insertsInto(database);
        } finally {
          await pooler.stop();
        }
      },
    );
  },
);

describe('the models of drizzle’s documentation', () => {
  it('go forth, back and forth with their rows, by a folder of modules', async () => {
    const database = await createProject();
    onTestFinished(database.end);
    await succeeds(installed, 'rm -rf migrations src scripts pg-revisions.config.ts');
    const directory = join(installed.root, 'src/schema');
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(DRIZZLE_EXAMPLES)) writeFileSync(join(directory, name), text);
    const config = `export default { directory: 'migrations', models: () => import('./src/schema/index.ts'), modelsDirectory: 'src/schema' };`;
    writeFileSync(join(installed.root, 'pg-revisions.config.ts'), config);
    const run = (line: string) => succeeds(installed, `DATABASE_URL='${database.url}' npx pg-revisions ${line}`);
    await run('revision --autogenerate -m "the examples"');
    await run('upgrade head');
    await run('check');
    await database.sql(EXAMPLE_ROWS);
    await run('downgrade base');
    expect(await database.sql("select nspname from pg_namespace where nspname = 'shop'")).toEqual([]);
    await run('upgrade head');
    await database.sql(EXAMPLE_ROWS);
    expect(await database.sql('select number::int from shop.orders order by number')).toEqual([
      { number: 100 },
      { number: 110 },
    ]);
    expect(await database.sql('select name, title from authors_view')).toEqual([
      { name: 'Ann', title: "the author's draft" },
    ]);
    expect(await database.sql('select count from post_counts')).toEqual([{ count: 1 }]);
    await run('check');
    expect((await run('revision --autogenerate -m again')).stdout).toContain('Nothing changed in the models');
  });
});

describe.each(casesOf(Object.entries(ORIGINS), 4, 3))('the guide for those who come from %s', (tool, prepare) => {
  it('leads to a clean check, and nothing runs twice', async () => {
    const database = await createProject();
    onTestFinished(database.end);
    await succeeds(installed, 'rm -rf migrations src drizzle drizzle.config.ts pg-revisions.config.ts');
    await prepare(database, installed);
    const guide = blocksOf(readFileSync(join(ROOT, `docs/guides/coming-from-${tool}.md`), 'utf8'));
    for (const block of guide.filter(({ text }) => !text.startsWith('npm install'))) {
      if (block.language === 'ts') installed.write(block);
      if (block.language !== 'sh') continue;
      for (const line of block.text.trim().split('\n'))
        await succeeds(installed, `export DATABASE_URL='${database.url}'; ${line}`);
    }
    expect(await database.sql('select email from users')).toEqual([{ email: 'ann@example.com' }]);
    const again = await succeeds(installed, `DATABASE_URL='${database.url}' npx pg-revisions upgrade head`);
    expect(again.stdout).toBe('Nothing to apply: the database is up to date\n');
    await succeeds(installed, `DATABASE_URL='${database.url}' npx pg-revisions downgrade base`);
    await succeeds(installed, `DATABASE_URL='${database.url}' npx pg-revisions upgrade head`);
  });
});

describe('the packed tool', () => {
  it('has types that hold without skipping the library’s', async () => {
    await succeeds(installed, 'npm install --save-dev typescript @types/node @types/pg');
    for (const block of TOOL.filter(({ language }) => language === 'ts')) installed.write(block);
    const { stdout } = await installed.shell(`npx tsc ${STRICT_TYPES} pg-revisions.config.ts scripts/migrate.ts`);
    // drizzle-orm's and drizzle-kit's own types speak of the drivers of other databases, which are not installed.
    const errors = stdout.split('\n').filter((line) => line.includes(': error TS'));
    expect(errors.filter((line) => !line.startsWith('node_modules/drizzle-'))).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('needs neither drizzle-kit nor drizzle-orm to apply revisions', async () => {
    const database = await createProject();
    const production = createReadmeProject({ registry: registry.url, url: database.url });
    try {
      database.write({ id: 'aaaa1111', upgrade: 'create table notes (id int);', downgrade: 'drop table notes;' });
      await succeeds(production, withTarballs('npm install --omit=peer pg-revisions'));
      const config = `export default { directory: ${JSON.stringify(database.directory)}, models: () => import('./schema.ts') };`;
      writeFileSync(join(production.root, 'pg-revisions.config.js'), config);
      await succeeds(production, 'npx pg-revisions upgrade head');
      expect((await succeeds(production, 'npx pg-revisions current')).stdout).toBe(
        'aaaa1111 (head)  change aaaa1111\n',
      );
      expect((await production.shell('ls node_modules')).stdout).not.toContain('drizzle');
    } finally {
      production.end();
      await database.end();
    }
  });

  it(`says where a database stands in less than ${START_WITHIN_MS} ms, the whole process`, async () => {
    const times: number[] = [];
    for (let run = 0; run < 7; run++) {
      const started = performance.now();
      await succeeds(installed, 'node_modules/.bin/pg-revisions current');
      times.push(performance.now() - started);
    }
    expect(Math.min(...times)).toBeLessThan(START_WITHIN_MS);
  });
});

describe('the packed database', () => {
  it('follows its own README', async () => {
    const project = createReadmeProject({ registry: registry.url, url: '' });
    try {
      for (const { language, text } of DATABASE) {
        if (language === 'sh') await succeeds(project, withTarballs(text.trim()));
        if (language !== 'ts') continue;
        project.write({ language, text });
        const [, file = ''] = /^\/\/ (\S+)/.exec(text) ?? [];
        expect((await succeeds(project, `node ${file}`)).stdout).toMatch(/^postgres(ql)?:\/\/\S+\n$/);
      }
    } finally {
      project.end();
    }
  });
});

/** Runs the README's blocks after the installation in the order of the text. */
async function follow(url: string): Promise<void> {
  await succeeds(installed, 'rm -rf migrations src scripts pg-revisions.config.ts');
  for (const block of TOOL.slice(1)) {
    if (block.language === 'ts') installed.write(block);
    if (block.language !== 'sh') continue;
    for (const line of block.text.trim().split('\n'))
      await succeeds(installed, `export DATABASE_URL='${url}'; ${line}`);
  }
}

/** A schema that compares equal may still take no row. */
async function insertsInto({ sql }: MigrationProject): Promise<void> {
  await sql(`with author as (insert into authors (email) values ('a@example.com') returning id)
             insert into posts (author_id, title) select id, 'first' from author`);
  expect(await sql('select title from author_titles')).toEqual([{ title: 'first' }]);
}

/** The README's `npm install`, with the packages as they were packed here. */
function withTarballs(line: string): string {
  return [...packed.tarballs].reduce(
    (text, [name, file]) => text.replace(new RegExp(`(?<= )${name}(?= |$)`), file),
    line,
  );
}

async function succeeds(project: ReadmeProject, line: string): Promise<{ stdout: string }> {
  const { code, stdout, stderr } = await project.shell(line);
  expect({ line, code, ...(code !== 0 && { stdout, stderr }) }).toEqual({ line, code: 0 });
  return { stdout };
}
