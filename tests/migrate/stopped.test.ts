import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject, type WrittenRevision } from '../helpers/migrations.ts';

interface Stopped extends MigrationProject {
  edit: (direction: 'upgrade' | 'downgrade', change: (text: string) => string) => void;
  path: string;
}

async function stopped(revision: Omit<WrittenRevision, 'id'>, reason: RegExp | string): Promise<Stopped> {
  const created = await createProject();
  onTestFinished(created.end);
  created.write({ id: 'aaaa1111', upgrade: 'create table first (a int);', downgrade: 'drop table first;' });
  const path = created.write({ id: 'bbbb2222', down: 'aaaa1111', ...revision });
  await expect(created.migrator().upgrade('head')).rejects.toThrow(reason);
  return {
    ...created,
    path,
    edit: (direction, change) => {
      const file = join(path, `${direction}.sql`);
      writeFileSync(file, change(readFileSync(file, 'utf8')));
    },
  };
}

const tables = async ({ sql }: MigrationProject): Promise<string[]> =>
  (
    await sql<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' and tablename not in ('alembic_version', 'applied_revisions') order by 1`,
    )
  ).map(({ tablename }) => tablename);
const versions = async ({ sql }: MigrationProject): Promise<string[]> =>
  (await sql<{ version_num: string }>('select version_num from alembic_version order by 1')).map(
    ({ version_num }) => version_num,
  );

const misspelt = {
  upgrade:
    '-- transaction: none\ncreate table aaa (x int);\n\n-- transaction: none\ncreate index concurrently i on aaaa (x);\n\ncreate table bbb (y int);',
  downgrade: 'drop table bbb;\n\n-- transaction: none\ndrop index concurrently i;\n\ndrop table aaa;',
};

describe('a revision in parts that stopped at a mistake', () => {
  it('says where it stands and both ways on', async () => {
    await stopped(
      misspelt,
      /relation "public\.aaaa" does not exist[\s\S]*Revision bbbb2222 stopped\. Statement 1 ran and stays; 2 to go\. Mend the file behind it and run the same command again, or undo what ran: npx pg-revisions downgrade -1$/,
    );
  });

  it('goes on when the mistake is mended', async () => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    created.edit('upgrade', (text) => text.replace('aaaa (x)', 'aaa (x)'));
    expect(await created.migrator().upgrade('head')).toHaveLength(1);
    expect(await tables(created)).toEqual(['aaa', 'bbb', 'first']);
    expect(await created.sql(`select 1 as one from pg_indexes where indexname = 'i'`)).toHaveLength(1);
    expect(await created.migrator().upgrade('head')).toEqual([]);
    await created.migrator().downgrade('base');
    expect(await tables(created)).toEqual([]);
  });

  it('goes on when the statement is taken out, or put into the transaction', async () => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    created.edit('upgrade', (text) =>
      text.replace('-- transaction: none\ncreate index concurrently i on aaaa (x);', 'create index i on aaa (x);'),
    );
    await created.migrator().upgrade('head');
    expect(await tables(created)).toEqual(['aaa', 'bbb', 'first']);
  });

  it('goes on where nothing outside of a transaction is left', async () => {
    const created = await stopped(
      {
        upgrade:
          'create table aaa (x int);\n\n-- transaction: none\ncreate index concurrently i on aaaa (x);\n\ncreate table bbb (y int);',
      },
      '"public.aaaa" does not exist',
    );
    created.edit('upgrade', (text) =>
      text.replace('-- transaction: none\ncreate index concurrently i on aaaa (x);\n\n', ''),
    );
    await created.migrator().upgrade('head');
    expect(await tables(created)).toEqual(['aaa', 'bbb', 'first']);
  });

  it('refuses when what ran was edited, and says which part may be', async () => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    created.edit('upgrade', (text) => text.replace('aaa (x int)', 'aaaa (x int)'));
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /stopped after statement 1 of its upgrade, and what ran was edited since: restore statements 1 to 1 of .*upgrade\.sql\. What stands behind them may change/,
    );
    expect(await tables(created)).toEqual(['aaa', 'first']);
  });

  it.each(['-1', 'aaaa1111', 'base', '-2'])('is undone by downgrade %s as far as it came', async (target) => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    const rest = target === 'base' || target === '-2' ? [] : ['aaaa1111'];
    await created.migrator().downgrade(target);
    expect(await versions(created)).toEqual(rest);
    expect(await tables(created)).toEqual(rest.length === 0 ? [] : ['first']);
    created.edit('upgrade', (text) => text.replace('aaaa (x)', 'aaa (x)'));
    await created.migrator().upgrade('head');
    expect(await tables(created)).toEqual(['aaa', 'bbb', 'first']);
    expect(await versions(created)).toEqual(['bbbb2222']);
  });

  it('is undone where the way back makes again what was not dropped yet', async () => {
    const created = await stopped(
      {
        upgrade:
          'create table aaa (x int);\n\n-- transaction: none\ncreate index concurrently i on aaaa (x);\n\ndrop table first;',
        downgrade: 'create table first (a int);\n\ndrop index i;\n\ndrop table aaa;',
      },
      '"public.aaaa" does not exist',
    );
    await created.migrator().downgrade('-1');
    expect(await tables(created)).toEqual(['first']);
    expect(await versions(created)).toEqual(['aaaa1111']);
  });

  it('is not undone past a statement that fails for another reason', async () => {
    const created = await stopped(
      { ...misspelt, downgrade: 'drop table aaa;\n\nselect 1 / 0;' },
      '"public.aaaa" does not exist',
    );
    await expect(created.migrator().downgrade('-1')).rejects.toThrow('line 3: division by zero');
    expect(await tables(created)).toEqual(['aaa', 'first']);
    created.edit('downgrade', (text) => text.replace('select 1 / 0;', ''));
    await created.migrator().downgrade('-1');
    expect(await tables(created)).toEqual(['first']);
  });

  it('does not take an index of another shape for the one that was begun', async () => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    await created.sql('create index i on aaa (x)');
    created.edit('upgrade', (text) => text.replace('i on aaaa (x)', 'i on aaa ((x + 1))'));
    await expect(created.migrator().upgrade('head')).rejects.toThrow('relation "i" already exists');
  });

  it('stops on its way back and is mended there too', async () => {
    const created = await createProject();
    onTestFinished(created.end);
    const path = created.write({
      id: 'aaaa1111',
      ...misspelt,
      upgrade: misspelt.upgrade.replace('aaaa', 'aaa'),
      downgrade: 'drop table bbb;\n\n-- transaction: none\ndrop index concurrently j;\n\ndrop table aaa;',
    });
    await created.migrator().upgrade('head');
    await expect(created.migrator().downgrade('base')).rejects.toThrow(
      /index "j" does not exist[\s\S]*Statement 1 ran and stays; 2 to go/,
    );
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      'Revision aaaa1111 stopped after statement 1 of its downgrade; first go on there: npx pg-revisions downgrade -1',
    );
    const file = join(path, 'downgrade.sql');
    writeFileSync(file, readFileSync(file, 'utf8').replace('concurrently j', 'concurrently i'));
    await created.migrator().downgrade('base');
    expect(await tables(created)).toEqual([]);
    expect(await versions(created)).toEqual([]);
  });

  it('says what to do where its folder is gone', async () => {
    const created = await stopped(misspelt, '"public.aaaa" does not exist');
    renameSync(created.path, join(created.directory, 'away'));
    const sentence =
      /stands in the middle of revision bbbb2222, after statement 1 of its upgrade, and that is not among the files: restore its folder and go on; or undo by hand what ran, and say where the database is: npx pg-revisions stamp aaaa1111/;
    await expect(created.migrator().upgrade('head')).rejects.toThrow(sentence);
    await expect(created.migrator().downgrade('-1')).rejects.toThrow(sentence);
    expect((await created.migrator().check()).map(({ remedy }) => remedy)).toContainEqual(
      expect.stringContaining('npx pg-revisions stamp aaaa1111'),
    );
    await created.sql('drop table aaa');
    await created.migrator().stamp('aaaa1111');
    expect((await created.migrator().check()).map(({ what }) => what)).toEqual(['DROP TABLE "first";']);
  });
});
