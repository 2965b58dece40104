import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject, type WrittenRevision } from '../helpers/migrations.ts';

async function project(...revisions: WrittenRevision[]): Promise<MigrationProject> {
  const created = await createProject();
  onTestFinished(created.end);
  for (const revision of revisions) created.write(revision);
  return created;
}

/** A header of six lines and a blank one stand above an upgrade; nothing stands above a downgrade. */
const FIRST_LINE = { upgrade: 7, downgrade: 1 };

const FAILURES: readonly [string, string, number, RegExp][] = [
  ['at run time', 'select 1;\nselect 1/0;\nselect 2;', 1, /division by zero\n {2}select 1\/0$/],
  ['in the last statement', 'select 1;\nselect 2;\nselect 1/0;', 2, /division by zero\n {2}select 1\/0$/],
  ['of the grammar', 'select 1;\nselect 2;\nselct 3;\nselect 4;', 2, /syntax error at or near "selct"\n {2}selct 3$/],
  ['of a name', 'select 1;\nselect\n  nosuch;\nselect 2;', 2, /column "nosuch" does not exist/],
  [
    'behind letters beyond the basic plane',
    `select '😀😀😀😀😀😀😀😀';\nselect nosuch;\nselect 2;`,
    1,
    /"nosuch" does not exist\n {2}select nosuch$/,
  ],
  [
    'inside of a statement with such letters',
    `select '😀😀😀😀',\n  '😀😀😀😀\n😀',\n  nosuch;\nselect 2;`,
    3,
    /"nosuch" does not exist/,
  ],
  ['in a DO block', "select 1;\ndo $$\nbegin\n  perform 1;\n  raise exception 'no';\nend $$;\nselect 2;", 4, /: no\n/],
  [
    'behind a rule that adds a statement',
    'create table r (a int);\ncreate table l (a int);\ncreate rule r as on insert to r do also insert into l values (new.a);\ninsert into r values (1);\nselect 1/0;\nselect 2;',
    4,
    /division by zero\n {2}select 1\/0$/,
  ],
  ['of a copy from nowhere', 'select 1;\ncreate table c (a int);\ncopy c from stdin;\nselect 2;', 2, /COPY/],
];

describe.each(['upgrade', 'downgrade'] as const)('a statement that fails in %s', (direction) => {
  it.each(FAILURES)('is named with its line: %s', async (_, text, line, reason) => {
    const created = await project({
      id: 'aaaa1111',
      ...(direction === 'upgrade' ? { upgrade: text } : { downgrade: text }),
    });
    if (direction === 'downgrade') await created.migrator().upgrade('head');
    const failed = await created
      .migrator()
      [direction](direction === 'upgrade' ? 'head' : '-1')
      .catch((error) => error);
    expect(failed.message).toContain(`/${direction}.sql, line ${FIRST_LINE[direction] + line}: `);
    expect(failed.message).toMatch(reason);
  });

  it.each([
    ['alone', '-- transaction: none\nselect 1;\n\n-- transaction: none\nselect\n  1/0;\n\nselect 2;', 4],
    ['in a part', 'select 1;\n\n-- transaction: none\nselect 1;\n\nselect 1;\nselect 1/0;\nselect 2;', 6],
  ])('is named where the revision runs in parts: %s', async (_, text, line) => {
    const created = await project({
      id: 'aaaa1111',
      ...(direction === 'upgrade' ? { upgrade: text } : { downgrade: text }),
    });
    if (direction === 'downgrade') await created.migrator().upgrade('head');
    const failed = await created
      .migrator()
      [direction](direction === 'upgrade' ? 'head' : '-1')
      .catch((error) => error);
    expect(failed.message).toContain(`/${direction}.sql, line ${FIRST_LINE[direction] + line}: division by zero`);
  });
});

describe('savepoints in a revision', () => {
  it.each([
    'rollback to savepoint s',
    'rollback to s',
    'rollback work to savepoint s',
    'release savepoint s',
    'release s',
  ])('are its own: %s', async (statement) => {
    const created = await project({
      id: 'aaaa1111',
      upgrade: `create table one (a int);\n\nsavepoint s;\n\ninsert into one values (1);\n\n${statement};`,
    });
    await created.migrator().upgrade('head');
    expect(await created.sql('select count(*)::int as count from one')).toEqual([
      { count: statement.startsWith('release') ? 1 : 0 },
    ]);
  });

  it.each(['rollback', 'rollback work', 'rollback and chain', 'abort', 'end', `prepare transaction 'x'`])(
    'do not let the transaction end: %s',
    async (statement) => {
      const created = await project({ id: 'aaaa1111', upgrade: `savepoint s;\n\n${statement};` });
      await expect(created.migrator().upgrade('head')).rejects.toThrow(/upgrade\.sql, line 9: take .* out/);
    },
  );
});
