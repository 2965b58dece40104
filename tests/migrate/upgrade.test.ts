import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject, type WrittenRevision } from '../helpers/migrations.ts';
import { dumpSchema } from '../helpers/schema-dump.ts';

async function project(...revisions: WrittenRevision[]): Promise<MigrationProject> {
  const created = await createProject();
  onTestFinished(created.end);
  for (const revision of revisions) created.write(revision);
  return created;
}

const one = { id: 'aaaa1111', upgrade: 'create table one (a int);', downgrade: 'drop table one;' };
const two = { id: 'bbbb2222', down: 'aaaa1111', upgrade: 'create table two (a int);', downgrade: 'drop table two;' };
const three = {
  id: 'cccc3333',
  down: 'bbbb2222',
  upgrade: 'create table three (a int);',
  downgrade: 'drop table three;',
};

const tables = ({ sql }: MigrationProject): Promise<string> =>
  sql<{ names: string }>(
    `select coalesce(string_agg(tablename, ' ' order by tablename), '') as names from pg_tables
      where schemaname = 'public' and tablename not in ('alembic_version', 'applied_revisions')`,
  ).then(([row]) => row?.names ?? '');
const ids = (steps: { revision: { id: string } }[]): string[] => steps.map(({ revision }) => revision.id);

describe('upgrade and downgrade', () => {
  it.each([
    ['head', ['aaaa1111', 'bbbb2222', 'cccc3333']],
    ['heads', ['aaaa1111', 'bbbb2222', 'cccc3333']],
    ['+1', ['aaaa1111']],
    ['bbbb', ['aaaa1111', 'bbbb2222']],
    ['head-1', ['aaaa1111', 'bbbb2222']],
    ['aaaa1111+1', ['aaaa1111', 'bbbb2222']],
  ])('goes up to %s', async (target, expected) => {
    const { migrator } = await project(one, two, three);
    expect(ids(await migrator().upgrade(target))).toEqual(expected);
    expect(await migrator().upgrade(target === '+1' ? 'aaaa1111' : target)).toEqual([]);
  });

  it.each([
    ['-1', ['cccc3333'], 'one two'],
    ['-3', ['cccc3333', 'bbbb2222', 'aaaa1111'], ''],
    ['base', ['cccc3333', 'bbbb2222', 'aaaa1111'], ''],
    ['aaaa1111', ['cccc3333', 'bbbb2222'], 'one'],
  ])('goes down by %s', async (target, expected, left) => {
    const created = await project(one, two, three);
    await created.migrator().upgrade('head');
    expect(ids(await created.migrator().downgrade(target))).toEqual(expected);
    expect(await tables(created)).toBe(left);
  });

  it('refuses to go down where there is no way back, unless the file says that nothing is to be undone', async () => {
    const created = await project({ ...one, downgrade: '' });
    await created.migrator().upgrade('head');
    await expect(created.migrator().downgrade('-1')).rejects.toThrow(
      /Revision aaaa1111 has no way back: .*downgrade\.sql is empty/,
    );
    expect((await created.migrator().current()).revisions).toHaveLength(1);
    const path = created.migrator().heads()[0]?.path ?? '';
    appendFileSync(join(path, 'downgrade.sql'), '-- lint: allow missing-downgrade because the table may stay\n');
    expect(ids(await created.migrator().downgrade('-1'))).toEqual(['aaaa1111']);
  });

  it('tells each step with its time', async () => {
    const created = await project(one, two);
    const steps: string[] = [];
    await created
      .migrator({
        onStep: ({ direction, revision, duration_ms }) => steps.push(`${direction} ${revision.id} ${duration_ms > 0}`),
      })
      .upgrade('head');
    expect(steps).toEqual(['upgrade aaaa1111 true', 'upgrade bbbb2222 true']);
  });

  it('says what it would do without doing it', async () => {
    const created = await project(one, two);
    expect((await created.migrator().plan('upgrade', 'head')).map(({ id }) => id)).toEqual(['aaaa1111', 'bbbb2222']);
    expect(await tables(created)).toBe('');
  });

  it('rolls a failed revision back whole, and names the statement, the line and the reason', async () => {
    const created = await project(one, {
      id: 'bad00000',
      down: 'aaaa1111',
      upgrade: 'create table two (a int);\n\ninsert into two\n  values (1 / 0);',
    });
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /bad00000_change_bad00000\/upgrade\.sql, line 9: division by zero\n {2}insert into two\n {4}values \(1 \/ 0\)/,
    );
    expect(await tables(created)).toBe('one');
    expect((await created.migrator().current()).revisions.map(({ id }) => id)).toEqual(['aaaa1111']);
  });

  it('names the revision whose deferred constraint fails at its end', async () => {
    const created = await project({
      id: 'late0000',
      upgrade:
        'create table t (a int primary key, b int references t deferrable initially deferred);\n\ninsert into t values (1, 2);',
    });
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /late0000_change_late0000\/upgrade\.sql, at its end: .*violates foreign key constraint[\s\S]*is not present in table "t"/,
    );
    expect(await tables(created)).toBe('');
  });

  it('names the line inside of a statement where PostgreSQL knows it', async () => {
    const { migrator } = await project({ id: 'bad00000', upgrade: 'select 1,\n  2,\n  nosuch;' });
    await expect(migrator().upgrade('head')).rejects.toThrow('line 9: column "nosuch" does not exist');
  });

  it('keeps to the statement_timeout of the header', async () => {
    const { migrator } = await project({
      id: 'slow0000',
      upgrade: '-- statement_timeout: 100ms\n\nselect pg_sleep(5);',
    });
    await expect(migrator().upgrade('head')).rejects.toThrow('statement timeout');
  });

  it('refuses a header that is no duration', async () => {
    const { migrator } = await project({ id: 'slow0000', upgrade: '-- statement_timeout: soon\nselect 1;' });
    await expect(migrator().upgrade('head')).rejects.toThrow('"statement_timeout: soon" is not a duration');
  });

  it.each(['begin', 'commit', 'rollback', 'start transaction'])('refuses %s in a revision', async (word) => {
    const { migrator } = await project({ id: 'ctrl0000', upgrade: `${word};` });
    await expect(migrator().upgrade('head')).rejects.toThrow(/take (BEGIN|COMMIT|ROLLBACK|START TRANSACTION) out/);
  });

  it('writes the version table that Alembic reads', async () => {
    const { migrator, sql } = await project(one);
    await migrator().upgrade('head');
    expect(await sql('select * from alembic_version')).toEqual([{ version_num: 'aaaa1111' }]);
    expect(
      await sql(
        `select column_name, data_type, character_maximum_length, is_nullable from information_schema.columns where table_name = 'alembic_version'`,
      ),
    ).toEqual([
      { column_name: 'version_num', data_type: 'character varying', character_maximum_length: 32, is_nullable: 'NO' },
    ]);
    expect(
      await sql(`select conname from pg_constraint where conrelid = 'alembic_version'::regclass and contype = 'p'`),
    ).toEqual([{ conname: 'alembic_version_pkc' }]);
  });

  it('knows what is pending by one query', async () => {
    const { migrator, connect } = await project(one, two);
    const client = await connect();
    const asked: string[] = [];
    const counting = {
      query: (text: string, values?: unknown[]) => {
        asked.push(text);
        return client.query(text, values);
      },
    };
    expect(await migrator().pending(counting)).toEqual(['aaaa1111', 'bbbb2222']);
    expect(asked).toHaveLength(1);
    await migrator().upgrade('+1');
    expect(await migrator().pending(counting)).toEqual(['bbbb2222']);
  });

  it('misses nothing of its own in a database that a newer release has taken further', async () => {
    const created = await project(one);
    const newer = [two, three].map((revision) => created.write(revision));
    const client = await created.connect();
    await created.migrator().upgrade('head');
    for (const folder of newer.reverse()) {
      rmSync(folder, { recursive: true });
      expect(await created.migrator().pending(client)).toEqual([]);
    }
    created.write(two);
    await created.sql(`update applied_revisions set statements_done = 1 where version_num = 'bbbb2222'`);
    expect(await created.migrator().pending(client)).toEqual(['bbbb2222']);
  });
});

describe('refuses, in one sentence,', () => {
  it('an unknown revision', async () => {
    const { migrator } = await project(one);
    await expect(migrator().upgrade('ffff')).rejects.toThrow(
      'There is no revision ffff; see: npx pg-revisions history',
    );
  });

  it('a range without --sql', async () => {
    const { migrator } = await project(one);
    await expect(migrator().upgrade('base:head')).rejects.toThrow('A range is for a script: add --sql');
  });

  it('an ambiguous one', async () => {
    const { migrator } = await project(one, { ...two, id: 'aaaa1122' });
    await expect(migrator().upgrade('aaaa11')).rejects.toThrow('aaaa11 is the beginning of aaaa1111 and aaaa1122');
  });

  it('more steps than there are', async () => {
    const { migrator } = await project(one);
    await expect(migrator().upgrade('+2')).rejects.toThrow('Only 1 revision is left to apply, fewer than +2');
    await expect(migrator().downgrade('-1')).rejects.toThrow('Only 0 revisions are applied, fewer than -1');
  });

  it('a revision that is missing on disk', async () => {
    const created = await project(one, two);
    rmSync(created.migrator().show('aaaa1111')[0]?.path ?? '', { recursive: true });
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      'Revision bbbb2222 follows aaaa1111, which is not among the files: restore its folder',
    );
  });

  it('a database that is ahead of the code', async () => {
    const created = await project(one, two);
    await created.migrator().upgrade('head');
    rmSync(created.migrator().show('bbbb2222')[0]?.path ?? '', { recursive: true });
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /at revision bbbb2222 \(applied 20.*ahead of this code/,
    );
    await expect(created.migrator().current()).rejects.toThrow('ahead of this code');
  });

  it('a file that was edited after it was applied, until it is accepted', async () => {
    const created = await project(one, two);
    await created.migrator().upgrade('+1');
    const file = join(created.migrator().show('aaaa1111')[0]?.path ?? '', 'upgrade.sql');
    appendFileSync(file, '-- a comment more\n');
    await created.migrator().upgrade('+1');
    appendFileSync(file, 'create table more (a int);\n');
    await expect(created.migrator().upgrade('head')).rejects.toThrow(
      /Revision aaaa1111 was edited after it was applied.*npx pg-revisions stamp bbbb2222/,
    );
    await created.migrator().stamp('bbbb2222');
    expect(await created.migrator().upgrade('head')).toEqual([]);
  });

  it('two revisions of one id', async () => {
    const { migrator } = await project(one, { ...two, id: 'aaaa1111' });
    expect(() => migrator().heads()).toThrow('Two revisions have the id aaaa1111');
  });

  it('a folder whose file says another id', async () => {
    const created = await project(one);
    const path = created.migrator().heads()[0]?.path ?? '';
    renameSync(path, path.replace('aaaa1111', 'dddd4444'));
    expect(() => created.migrator().heads()).toThrow('no "Revision ID" that agrees with its folder');
  });

  it('revisions that follow each other in a circle', async () => {
    const { migrator } = await project({ ...one, down: 'bbbb2222' }, two);
    expect(() => migrator().heads()).toThrow('aaaa1111, bbbb2222 follow each other in a circle');
  });
});

describe('stamp', () => {
  it('says where the database is without running anything', async () => {
    const created = await project(one, two);
    expect(await created.migrator().stamp('head')).toEqual(['bbbb2222']);
    expect(await tables(created)).toBe('');
    expect(await created.migrator().upgrade('head')).toEqual([]);
    await created.migrator().stamp('base');
    expect((await created.migrator().current()).revisions).toEqual([]);
  });

  it('with purge forgets revisions that nobody knows', async () => {
    const { migrator, sql } = await project(one);
    await sql(
      `create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num))`,
    );
    await sql(`insert into alembic_version values ('ae1027a6acf')`);
    await expect(migrator().stamp('head')).rejects.toThrow('at revision ae1027a6acf');
    await migrator().stamp('head', { purge: true });
    expect(await sql('select * from alembic_version')).toEqual([{ version_num: 'aaaa1111' }]);
  });

  it('ensureVersion makes the tables and nothing else', async () => {
    const { migrator, sql } = await project(one);
    await migrator().ensureVersion();
    await migrator().ensureVersion();
    expect(await sql('select * from alembic_version')).toEqual([]);
    expect(await sql('select * from applied_revisions')).toEqual([]);
  });
});

describe('the offline script', () => {
  const concurrent = {
    id: 'dddd4444',
    down: 'cccc3333',
    upgrade: 'alter table three add b int;\n\n-- transaction: none\ncreate index concurrently three_b on three (b);',
    downgrade: 'drop index three_b;\n\nalter table three drop b;',
  };

  it('does what upgrade does', async () => {
    const online = await project(one, two, three, concurrent);
    const offline = await project(one, two, three, concurrent);
    await online.migrator().upgrade('head');
    await runScript(offline, await offline.migrator().script('upgrade', 'head'));
    expect(await dumpSchema(await offline.connect())).toBe(await dumpSchema(await online.connect()));
    expect((await offline.migrator().current()).revisions.map(({ id }) => id)).toEqual(['dddd4444']);
    expect(await offline.migrator().upgrade('head')).toEqual([]);
    await runScript(offline, await offline.migrator().script('downgrade', 'head:aaaa1111'));
    expect(await tables(offline)).toBe('one');
    expect((await offline.migrator().current()).revisions.map(({ id }) => id)).toEqual(['aaaa1111']);
  });

  it('keeps to a range', async () => {
    const { migrator } = await project(one, two, three);
    const script = await migrator().script('upgrade', 'aaaa1111:bbbb2222');
    expect(script).toContain('create table two');
    expect(script).not.toMatch(/create table (one|three)/);
    await expect(migrator().script('downgrade', 'base')).rejects.toThrow('npx pg-revisions downgrade FROM:TO --sql');
  });

  async function runScript({ connect }: MigrationProject, script: string): Promise<void> {
    const client = await connect();
    const { splitStatements } = await import('../../packages/migrate/src/sql/statements.ts');
    for (const { sql } of splitStatements(script)) await client.query(sql);
  }
});

describe('another schema than public', () => {
  it('holds tables and versions, indexes built concurrently included', async () => {
    const created = await project(
      { id: 'aaaa1111', upgrade: 'create table one (a int);', downgrade: 'drop table one;' },
      {
        id: 'bbbb2222',
        down: 'aaaa1111',
        upgrade: '-- transaction: none\ncreate index concurrently one_a on one (a);',
        downgrade: '-- transaction: none\ndrop index concurrently one_a;',
      },
    );
    const migrator = created.migrator({ schema: 'tenant' });
    await migrator.upgrade('head');
    const where = `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('public', 'tenant') order by 1`;
    expect(await created.sql(where)).toEqual([
      { name: 'tenant.alembic_version' },
      { name: 'tenant.applied_revisions' },
      { name: 'tenant.one' },
    ]);
    expect(await created.sql(`select schemaname from pg_indexes where indexname = 'one_a'`)).toEqual([
      { schemaname: 'tenant' },
    ]);
    await migrator.downgrade('base');
    expect(await created.sql(`select 1 from pg_indexes where indexname = 'one_a'`)).toEqual([]);
  });

  it('refuses what cannot be qualified', async () => {
    const created = await project({ id: 'aaaa1111', upgrade: '-- transaction: none\nvacuum one;' });
    await expect(created.migrator({ schema: 'tenant' }).upgrade('head')).rejects.toThrow(
      'names need their schema written out',
    );
  });
});

describe('a revision with statements outside of a transaction', () => {
  const mixed: WrittenRevision = {
    id: 'eeee5555',
    upgrade:
      'create table m (a int);\n\ninsert into m select 1 from generate_series(1, 2);\n\n-- transaction: none\ncreate unique index concurrently m_a on m (a);\n\nalter table m add b int;',
    downgrade: 'drop table m;',
  };

  it('goes on where it stopped, and rebuilds the index that the failure left invalid', async () => {
    const created = await project(mixed);
    const { migrator, sql } = created;
    await expect(migrator().upgrade('head')).rejects.toThrow('could not create unique index "m_a"');
    expect(await sql(`select indisvalid from pg_index where indexrelid = 'm_a'::regclass`)).toEqual([
      { indisvalid: false },
    ]);
    expect((await migrator().current()).unfinished).toEqual({
      id: 'eeee5555',
      direction: 'upgrade',
      statements_done: 2,
    });
    expect((await migrator().current()).revisions).toEqual([]);
    expect(await migrator().pending(await created.connect())).toEqual(['eeee5555']);

    await sql('delete from m where ctid = (select min(ctid) from m)');
    expect(ids(await migrator().upgrade('head'))).toEqual(['eeee5555']);
    expect(await sql(`select indisvalid from pg_index where indexrelid = 'm_a'::regclass`)).toEqual([
      { indisvalid: true },
    ]);
    expect(await sql('select * from m')).toEqual([{ a: 1, b: null }]);
    expect((await migrator().current()).unfinished).toBeUndefined();
  });

  it('does not do twice what an interrupted run finished', async () => {
    const { migrator, sql } = await project({ ...mixed, upgrade: mixed.upgrade?.replace('(1, 2)', '(1, 1)') ?? '' });
    await migrator().upgrade('head');
    await sql(`delete from alembic_version`);
    await sql(`alter table m drop b`);
    await sql(`update applied_revisions set statements_done = 2`);
    await migrator().upgrade('head');
    expect(await sql('select * from m')).toEqual([{ a: 1, b: null }]);
  });

  it('refuses to go on when what ran was edited since', async () => {
    const { migrator } = await project(mixed);
    await expect(migrator().upgrade('head')).rejects.toThrow('could not create');
    const file = join(migrator().heads()[0]?.path ?? '', 'upgrade.sql');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('generate_series(1, 2)', 'generate_series(1, 1)'));
    await expect(migrator().upgrade('head')).rejects.toThrow(
      'stopped after statement 2 of its upgrade, and what ran was edited since',
    );
  });
});
