import type { Migrator } from 'pg-revisions';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MIGRATIONS } from '../src/app/database/revisions-directory.ts';
import { models, objects } from '../src/app/models/index.ts';
import { back } from './helpers/back.ts';
import { createTestDatabase } from './helpers/database.ts';
import { createProject, type MigrationProject } from './helpers/migrations.ts';
import { dumpSchema } from './helpers/schema-dump.ts';

/** A user with a session and an item, as the first revision has them; every later one has to keep them, unless the product gave `items` up. */
const ROWS = `
  insert into users (id, email, password_hash) values ('019abc00-0000-7000-8000-000000000001', 'ann@example.com', 'x');
  insert into sessions (id, user_id, expires_at) values ('019abc00-0000-7000-8000-000000000002', '019abc00-0000-7000-8000-000000000001', now());
  insert into items (id, title, owner_id) values ('019abc00-0000-7000-8000-000000000003', 'one', '019abc00-0000-7000-8000-000000000001')`;

describe('the revisions of this project', () => {
  let project: MigrationProject;
  let migrator: Migrator;

  beforeAll(async () => {
    project = await createProject();
    migrator = project.migrator({ directory: MIGRATIONS, models: async () => models, objects: async () => objects });
  });
  afterAll(() => project.end());

  it('go up, down and up again, one by one, on tables with rows', async () => {
    const client = await project.connect();
    const oldestFirst = (await migrator.history()).reverse();
    for (const [index, { id, message }] of oldestFirst.entries()) {
      const before = await dumpSchema(client);
      await migrator.upgrade(id);
      const after = await dumpSchema(client);
      await migrator.downgrade('-1');
      expect(await dumpSchema(client), `${id} ${message}, down`).toBe(before);
      await migrator.upgrade(id);
      expect(await dumpSchema(client), `${id} ${message}, up again`).toBe(after);
      if (index === 0) await client.query(ROWS);
    }
    expect(await project.sql('select email from users join sessions on user_id = users.id')).toEqual([
      { email: 'ann@example.com' },
    ]);
    if ('items' in models) expect(await project.sql('select title from items')).toEqual([{ title: 'one' }]);
  });

  it('are what the models say, and what the database then has', async () => {
    expect(await migrator.check()).toEqual([]);
  });

  it('agree by `back check`, which says so and nothing else', async () => {
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const sentence = 'Models, migrations and database agree\n';
    expect(await back(['check'], { env: { DATABASE_URL: database.url } })).toEqual({
      code: 0,
      stdout: sentence,
      stderr: '',
    });
  });

  it('part nowhere into two heads and have no open danger', async () => {
    // The revisions of a product are a branch beside the kit's, with a head of their own.
    expect(migrator.branches()).toEqual([]);
    const open = (await migrator.lint()).filter(
      ({ severity, accepted }) => severity === 'danger' && accepted === undefined,
    );
    expect(open.map(({ file, line, rule }) => `${file}:${line} ${rule}`)).toEqual([]);
  });
});
