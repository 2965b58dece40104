import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { boolean, index, integer, pgEnum, pgTable, serial, text, timestamp, varchar } from 'drizzle-orm/pg-core';
import type { Migrator } from 'pg-revisions';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { dumpSchema } from '../helpers/schema-dump.ts';

const ROOT = join(import.meta.dirname, '../..');
const MODELS = `import { integer, pgTable, text } from 'drizzle-orm/pg-core';
export const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() });
`;
const NEXT_MODELS = `${MODELS}export const books = pgTable('books', { id: integer().primaryKey(), author_id: integer().references(() => authors.id) });
`;
const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() });
const books = pgTable('books', { id: integer().primaryKey(), author_id: integer().references(() => authors.id) });

let project: MigrationProject;

beforeAll(async () => {
  project = await createProject();
});
beforeEach(() => project.reset());
afterAll(() => project.end());

/** The revisions run on an empty database, and make there what the adopted one has. */
async function expectSameElsewhere(migratorOf: (database: MigrationProject) => Migrator): Promise<void> {
  const elsewhere = await createProject();
  onTestFinished(elsewhere.end);
  // Both have the same owner of the schema then.
  await elsewhere.reset();
  const migrator = migratorOf(elsewhere);
  await migrator.upgrade('head');
  expect(await migrator.check()).toEqual([]);
  const tables = (dump: string): string[] => dump.split('\n').filter((line) => !/migrations|^drizzle owner/.test(line));
  expect(tables(await dumpSchema(await elsewhere.connect()))).toEqual(
    tables(await dumpSchema(await project.connect())),
  );
  await migrator.downgrade('base');
  await migrator.upgrade('head');
}

describe('a folder of drizzle-kit 1.x', () => {
  let folder: string;

  /** Runs drizzle-kit itself on a schema. */
  async function kit(command: 'generate' | 'migrate', schema: string): Promise<void> {
    writeFileSync(join(folder, 'schema.ts'), schema);
    writeFileSync(
      join(folder, 'drizzle.config.ts'),
      `export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: '${project.url}' } };`,
    );
    const program = join(ROOT, 'node_modules/drizzle-kit/bin.cjs');
    await promisify(execFile)(process.execPath, [program, command], { cwd: folder });
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drizzle-kit-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await kit('generate', MODELS);
    await kit('migrate', MODELS);
    await project.sql(`insert into authors values (1, 'Ann')`);
    // A folder's name has the second, and drizzle-kit sorts by it.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await kit('generate', NEXT_MODELS);
  });

  const migrator = (database = project): Migrator =>
    database.migrator({ directory: project.directory, models: { authors, books } });

  it('becomes revisions with a way back, and what ran runs no more', async () => {
    const { from, written, at } = await migrator().adopt({ folder: join(folder, 'drizzle') });
    expect(from).toBe('drizzle-kit');
    expect(written).toHaveLength(2);
    expect(at).toEqual([written[0]?.id]);
    expect((await migrator().upgrade('head')).map(({ revision }) => revision.id)).toEqual([written[1]?.id]);
    expect(await migrator().check()).toEqual([]);
    expect(await project.sql('select name from authors')).toEqual([{ name: 'Ann' }]);
    await migrator().downgrade('-1');
    expect(await project.sql(`select to_regclass('books') as books`)).toEqual([{ books: null }]);
    await migrator().upgrade('head');
    await expectSameElsewhere(migrator);
  });

  it('is adopted by a second database of the same project', async () => {
    const { written } = await migrator().adopt({ folder: join(folder, 'drizzle') });
    await project.sql('drop table alembic_version, applied_revisions');
    const again = await migrator().adopt({ folder: join(folder, 'drizzle') });
    expect(again).toMatchObject({ written: [], at: [written[0]?.id] });
    await expect(migrator().adopt({ folder: join(folder, 'drizzle') })).rejects.toThrow(
      `The database is at ${written[0]?.id} already: there is nothing to adopt`,
    );
  });

  it('is refused, with nothing written, when a migration that ran was edited or is gone', async () => {
    const [first = ''] = readdirSync(join(folder, 'drizzle')).sort();
    const file = join(folder, 'drizzle', first, 'migration.sql');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n-- edited`);
    await expect(migrator().adopt({ folder: join(folder, 'drizzle') })).rejects.toThrow(
      '1 of the migrations that drizzle-kit has run here are not in the folder, or were edited since',
    );
    expect(readdirSync(project.directory)).toEqual([]);
  });
});

describe('a folder of drizzle-kit 0.x', () => {
  const FILES = {
    '0000_first.sql': `CREATE TABLE "authors" ("id" integer PRIMARY KEY NOT NULL, "name" text NOT NULL);`,
    '0001_books.sql': `CREATE TABLE "books" ("id" integer PRIMARY KEY NOT NULL, "author_id" integer);
--> statement-breakpoint
ALTER TABLE "books" ADD CONSTRAINT "books_author_id_authors_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action;`,
  };
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drizzle-old-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'meta'));
    const entries = Object.keys(FILES).map((name, idx) => ({
      idx,
      version: '7',
      when: Date.UTC(2025, 0, 1 + idx),
      tag: name.replace('.sql', ''),
      breakpoints: true,
    }));
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
    for (const [name, sql] of Object.entries(FILES)) writeFileSync(join(folder, name), sql);
  });

  /** What drizzle-orm's migrator leaves in the database. */
  async function ran(names: readonly (keyof typeof FILES)[]): Promise<void> {
    await project.sql(
      'create schema drizzle; create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
    );
    for (const name of names) {
      await project.sql(FILES[name]);
      const hash = createHash('sha256').update(FILES[name]).digest('hex');
      await project.sql('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, 1]);
    }
  }
  const oldName = pgTable('books', { id: integer().primaryKey(), author_id: integer() });

  it('becomes revisions when the database has every migration and the models agree with it', async () => {
    await ran(['0000_first.sql', '0001_books.sql']);
    const { foreignKey } = await import('drizzle-orm/pg-core');
    const named = pgTable('books', { id: integer().primaryKey(), author_id: integer() }, (table) => [
      foreignKey({
        name: 'books_author_id_authors_id_fk',
        columns: [table.author_id],
        foreignColumns: [authors.id],
      }),
    ]);
    const migrator = (database = project): Migrator =>
      database.migrator({ directory: project.directory, models: { authors, books: named } });
    const { written, at } = await migrator().adopt({ folder });
    expect(written.map(({ message, create_date }) => [message, create_date])).toEqual([
      ['first', '2025-01-01 00:00'],
      ['books', '2025-01-02 00:00'],
    ]);
    expect(at).toEqual([written[1]?.id]);
    expect(await migrator().upgrade('head')).toEqual([]);
    expect(await migrator().check()).toEqual([]);
    await expect(migrator().downgrade('-1')).rejects.toThrow('has no way back');
  });

  it('is refused in a sentence while the database lacks a migration, or differs from the models', async () => {
    await ran(['0000_first.sql']);
    const migrator = project.migrator({ models: { authors, books: oldName } });
    await expect(migrator.adopt({ folder })).rejects.toThrow(
      'adopt a database that has every migration first (drizzle-kit migrate)',
    );
    await project.sql('drop schema drizzle cascade; drop table authors');
    await ran(['0000_first.sql', '0001_books.sql']);
    await expect(migrator.adopt({ folder })).rejects.toThrow(
      /the models are not what the database has; it would take:\nALTER/,
    );
    expect(readdirSync(project.directory)).toEqual([]);
  });
});

describe('a database that Alembic made', () => {
  const users = pgTable('users', { id: serial().primaryKey(), email: varchar({ length: 320 }).notNull() }, (table) => [
    index('ix_users_email').on(table.email),
  ]);
  const migrator = (database = project): Migrator =>
    database.migrator({ directory: project.directory, models: { users } });

  beforeEach(() =>
    project.sql(`create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));
      insert into alembic_version values ('ae1027a6acf2');
      create table users (id serial not null, email varchar(320) not null, primary key (id));
      create index ix_users_email on users (email); insert into users (email) values ('ann@example.com')`),
  );

  it('is at its first revision, which has Alembic’s id', async () => {
    const { from, written, at } = await migrator().adopt();
    expect([from, written.map(({ id }) => id), at]).toEqual(['Alembic', ['ae1027a6acf2'], ['ae1027a6acf2']]);
    expect(await migrator().upgrade('head')).toEqual([]);
    expect(await migrator().check()).toEqual([]);
    expect(await project.sql('select email from users')).toEqual([{ email: 'ann@example.com' }]);
    await expectSameElsewhere(migrator);
  });

  it('is refused in a sentence while it has two heads', async () => {
    await project.sql(`insert into alembic_version values ('bbbb11112222')`);
    await expect(migrator().adopt()).rejects.toThrow(/Alembic has 2 heads here .*join them with alembic merge/);
    expect(readdirSync(project.directory)).toEqual([]);
  });
});

describe('a database that Prisma made', () => {
  const role = pgEnum('Role', ['USER', 'ADMIN']);
  const users = pgTable('User', {
    id: serial().primaryKey(),
    email: text().notNull(),
    role: role().notNull().default('USER'),
  });
  const migrator = (database = project): Migrator =>
    database.migrator({ directory: project.directory, models: { role, users } });

  beforeEach(() =>
    project.sql(`create table "_prisma_migrations" (id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
        migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0);
      insert into "_prisma_migrations" (id, checksum, finished_at, migration_name) values ('1', 'x', now(), '20240101000000_init');
      create type "Role" as enum ('USER', 'ADMIN');
      create table "User" ("id" serial not null, "email" text not null, "role" "Role" not null default 'USER', constraint "User_pkey" primary key ("id"));
      insert into "User" (email) values ('ann@example.com')`),
  );

  it('is at its first revision, and its rows stay', async () => {
    const { from, at, written } = await migrator().adopt();
    expect([from, at]).toEqual(['Prisma', written.map(({ id }) => id)]);
    expect(await migrator().upgrade('head')).toEqual([]);
    expect(await migrator().check()).toEqual([]);
    expect(await project.sql('select email, role from "User"')).toEqual([{ email: 'ann@example.com', role: 'USER' }]);
    await expectSameElsewhere(migrator);
  });

  it('is refused in a sentence while a migration has not come to its end', async () => {
    await project.sql(
      `insert into "_prisma_migrations" (id, checksum, migration_name) values ('2', 'x', '20240202000000_half')`,
    );
    await expect(migrator().adopt()).rejects.toThrow("Prisma's migration 20240202000000_half has not come to its end");
    expect(readdirSync(project.directory)).toEqual([]);
  });
});

describe('a database that TypeORM made, or nobody', () => {
  const task = pgTable('task', {
    id: serial().primaryKey(),
    title: varchar().notNull(),
    done: boolean().notNull().default(false),
    createdAt: timestamp().notNull().defaultNow(),
  });
  const migrator = (database = project): Migrator =>
    database.migrator({ directory: project.directory, models: { task } });

  beforeEach(() =>
    project.sql(`create table task (id serial not null, title character varying not null, done boolean not null default false,
        "createdAt" timestamp not null default now(), constraint task_pkey primary key (id))`),
  );

  it('is at its first revision; TypeORM’s own table is left alone', async () => {
    await project.sql(
      'create table migrations (id serial primary key, timestamp bigint not null, name character varying not null)',
    );
    expect(await migrator().adopt()).toMatchObject({ from: 'TypeORM', leftOut: [] });
    expect(await migrator().check()).toEqual([]);
    await expectSameElsewhere(migrator);
  });

  it('says what no model describes', async () => {
    await project.sql(`create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger touch before update on task for each row execute function touch()`);
    const { from, leftOut } = await migrator().adopt();
    expect({ from, leftOut }).toEqual({ from: 'nobody', leftOut: ['function touch()', 'trigger touch of task'] });
  });

  it('becomes what it is, not what the models say, when the two differ', async () => {
    await project.sql('alter table task add column note text');
    const { written } = await migrator().adopt();
    expect(readFileSync(join(written[0]?.path ?? '', 'upgrade.sql'), 'utf8')).toContain('"note" text');
    expect(await migrator().check()).toMatchObject([{ what: 'ALTER TABLE "task" DROP COLUMN "note";' }]);
  });

  it('is adopted by a second database only if it is what the models describe', async () => {
    const { written } = await migrator().adopt();
    await project.sql('drop table alembic_version, applied_revisions; alter table task add column note text');
    await expect(migrator().adopt()).rejects.toThrow(
      'The database is not what the models describe, so no revision says where it is; it would take:\nALTER TABLE "task" DROP COLUMN "note";',
    );
    await project.sql('alter table task drop column note');
    expect(await migrator().adopt()).toMatchObject({ written: [], at: [written[0]?.id] });
  });
});
