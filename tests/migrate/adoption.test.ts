import { rmSync } from 'node:fs';
import { integer, pgSchema, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { dumpSchema } from '../helpers/schema-dump.ts';

/** What SQLAlchemy and Alembic leave in a database. */
const BY_ALEMBIC = `
  CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
  INSERT INTO alembic_version VALUES ('ae1027a6acf2');
  CREATE TABLE users (id UUID NOT NULL, email VARCHAR(320) NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY (id));
  CREATE UNIQUE INDEX ix_users_email ON users (email);
  CREATE TABLE items (id SERIAL NOT NULL, title VARCHAR, owner_id UUID, PRIMARY KEY (id), FOREIGN KEY(owner_id) REFERENCES users (id));
  INSERT INTO users (id, email) VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ann@example.com')`;

describe('a database that Alembic made', () => {
  let project: MigrationProject;

  beforeEach(async () => {
    project = await createProject();
    onTestFinished(project.end);
    await project.sql(BY_ALEMBIC);
  });

  it('is the starting point: its first revision makes it anew elsewhere, under the id that it is at already', async () => {
    const first = await project
      .migrator()
      .revision({ message: 'adopt', autogenerate: true, from_database: true, rev_id: 'ae1027a6acf2' });
    expect((await project.migrator().current()).revisions).toMatchObject([{ id: 'ae1027a6acf2', is_head: true }]);
    expect(await project.migrator().upgrade('head')).toEqual([]);

    const elsewhere = await createProject();
    onTestFinished(elsewhere.end);
    await elsewhere.migrator({ directory: project.directory }).upgrade('head');
    expect(await dumpSchema(await elsewhere.connect())).toBe(await dumpSchema(await project.connect()));
    await elsewhere.migrator({ directory: project.directory }).downgrade('base');
    expect(await elsewhere.sql(`select 1 from pg_tables where tablename in ('users', 'items')`)).toEqual([]);
    expect(first?.down_revisions).toEqual([]);
  });

  it('is changed from there by the models, and keeps its rows', async () => {
    await project
      .migrator()
      .revision({ message: 'adopt', autogenerate: true, from_database: true, rev_id: 'ae1027a6acf2' });
    const models = {
      users: pgTable('users', {
        id: uuid().primaryKey(),
        email: text().notNull(),
        name: text(),
        created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
      }),
    };
    const migrator = project.migrator({ models: async () => models });
    await migrator.revision({ message: 'next', autogenerate: true });
    await migrator.upgrade('head');
    expect(await project.sql('select email, name from users')).toEqual([{ email: 'ann@example.com', name: null }]);
    expect(await migrator.check()).toEqual([]);
  });

  it('can be stamped with a revision of our own instead', async () => {
    project.write({ id: 'bbbb2222' });
    await expect(project.migrator().upgrade('head')).rejects.toThrow(
      'at revision ae1027a6acf2, which is not among the files',
    );
    await project.migrator().stamp('bbbb2222', { purge: true });
    expect(await project.migrator().upgrade('head')).toEqual([]);
  });

  it('is a start only where nothing stands before it', async () => {
    project.write({ id: 'bbbb2222' });
    await expect(
      project.migrator().revision({ message: 'x', autogenerate: true, from_database: true }),
    ).rejects.toThrow('there must be no revision before it');
  });
});

describe('check', () => {
  const users = pgTable('users', { id: integer().primaryKey(), name: text() });
  const billing = pgSchema('billing');
  const bills = billing.table('bills', { id: integer().primaryKey(), user_id: integer().references(() => users.id) });
  const models = { users, billing, bills };

  async function started(schema = 'public') {
    const project = await createProject();
    onTestFinished(project.end);
    const migrator = project.migrator({ models: async () => models, schema });
    await migrator.revision({ message: 'first', autogenerate: true });
    return { project, migrator };
  }

  it.each(['public', 'tenant'])(
    'finds models, migrations and database equal, in schema %s and in others',
    async (schema) => {
      const { migrator } = await started(schema);
      expect(await migrator.check()).toMatchObject([
        { between: 'migrations and database', remedy: 'npx pg-revisions upgrade head' },
      ]);
      await migrator.upgrade('head');
      expect(await migrator.check()).toEqual([]);
    },
  );

  it('finds models that no migration knows', async () => {
    const { project, migrator } = await started();
    await migrator.upgrade('head');
    const more = { ...models, users: pgTable('users', { id: integer().primaryKey(), full_name: text() }) };
    const differences = await project.migrator({ models: async () => more }).check();
    expect(differences.map(({ between }) => between)).toContain('models and migrations');
  });

  it('finds what somebody changed in the database by hand', async () => {
    const { project, migrator } = await started('tenant');
    await migrator.upgrade('head');
    await project.sql('alter table tenant.users add column sneaky int');
    await project.sql('create index on billing.bills (user_id)');
    const differences = await migrator.check();
    expect(differences.map(({ what }) => what).join()).toMatch(/DROP COLUMN "sneaky"/);
    expect(differences.map(({ what }) => what).join()).toMatch(/DROP INDEX .*bills_user_id_idx/);
    expect(differences.every(({ between }) => between === 'models and database')).toBe(true);
  });

  it('finds an edited file and an invalid index', async () => {
    const { project, migrator } = await started();
    await migrator.upgrade('head');
    await project.sql(`update applied_revisions set checksum = 'other'`);
    await project.sql(
      `create table broken (a int); create index broken_a on broken (a); update pg_index set indisvalid = false where indexrelid = 'broken_a'::regclass`,
    );
    expect((await migrator.check()).map(({ what }) => what)).toEqual([
      expect.stringContaining('was edited after it was applied'),
      'index broken_a is invalid',
    ]);
  });

  it('refuses a database that is ahead', async () => {
    const { migrator } = await started();
    await migrator.upgrade('head');
    rmSync(migrator.heads()[0]?.path ?? '', { recursive: true });
    await expect(migrator.check()).rejects.toThrow('ahead of this code');
  });
});
