import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { BODIES } from './lint-cases/bodies.ts';
import type { LintCase } from './lint-cases/case.ts';
import { FURTHER } from './lint-cases/further.ts';
import { DAILY, HIDDEN } from './lint-cases/hidden.ts';
import { OTHERS } from './lint-cases/others.ts';
import { ROWS } from './lint-cases/rows.ts';
import { SUPABASE } from './lint-cases/supabase.ts';
import { TABLES } from './lint-cases/tables.ts';
import { TRICKY } from './lint-cases/tricky.ts';

const NUMERIC = { entityType: 'columns', schema: 'public', table: 'n', name: 'a', type: 'numeric(10,2)' };

let project: MigrationProject;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.end());

describe.each<[string, readonly LintCase[]]>([
  ['statements that mislead', TRICKY],
  ['rows', ROWS],
  ['statements inside of statements', BODIES],
  ['rows that go unseen', HIDDEN],
  ['daily use', DAILY],
  ['tables', TABLES],
  ['other objects', OTHERS],
  ["the table editor's own statements", SUPABASE],
  ['further statements', FURTHER],
])('lint of %s', (_, cases) => {
  const titled = cases.map((each): [string, LintCase] => [`${each.sql} | ${each.earlier ?? ''}`, each]);
  it.each(titled)('%s', async (__, { sql, earlier = '', expected }) => {
    await project.reset();
    const path = project.write({ id: 'base', upgrade: earlier, downgrade: 'select 1;' });
    writeFileSync(join(path, 'snapshot.json'), JSON.stringify({ id: 'x', prevIds: [], ddl: [NUMERIC] }));
    project.write({ id: 'next', down: 'base', upgrade: sql, downgrade: 'select 1;' });
    const findings = await project.migrator().lint(['next']);
    expect(findings.map(({ rule }) => rule).sort()).toEqual([...expected].sort());
  });
});

describe('the locks of a statement', () => {
  it('name the other table of a foreign key', async () => {
    await project.reset();
    project.write({
      id: 'next',
      upgrade: 'create table u2 (id int references users (id));',
      downgrade: 'drop table u2;',
    });
    expect(await project.migrator().locks(['next'])).toMatchObject([
      { table: 'users', lock: 'SHARE ROW EXCLUSIVE', blocks: 'every write' },
    ]);
  });
});
