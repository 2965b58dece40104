import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from 'pg-revisions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '../../packages/migrate/src/lint/rules.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';

let project: MigrationProject;
let count = 0;

beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.end());

/** Findings of an upgrade script that stands on an earlier one. */
async function lint(
  upgrade: string,
  { downgrade = 'select 1;', earlier = '', snapshot }: { downgrade?: string; earlier?: string; snapshot?: object } = {},
): Promise<Finding[]> {
  rmSync(project.directory, { recursive: true, force: true });
  mkdirSync(project.directory);
  const base = `base${++count}`;
  const path = project.write({ id: base, upgrade: earlier, downgrade: 'select 1;' });
  if (snapshot) writeFileSync(join(path, 'snapshot.json'), JSON.stringify(snapshot));
  project.write({ id: `next${count}`, down: base, upgrade, downgrade });
  return project.migrator().lint([`next${count}`]);
}

/** For each rule a statement that breaks it, and the safe one. */
const CASES: Record<string, { breaks: string[]; keeps: string[] }> = {
  'index-blocks-writes': {
    breaks: ['create index i on t (a);', 'CREATE UNIQUE INDEX "i" ON "s"."t" (lower(a));', 'create index on t (a);'],
    keeps: [
      '-- transaction: none\ncreate index concurrently i on t (a);',
      'create table t (a int); create index i on t (a);',
    ],
  },
  'drop-index-blocks': { breaks: ['drop index i;'], keeps: ['-- transaction: none\ndrop index concurrently i;'] },
  'reindex-blocks-writes': {
    breaks: ['reindex index i;', 'reindex table t;'],
    keeps: ['-- transaction: none\nreindex index concurrently i;'],
  },
  'index-on-partitioned': {
    breaks: ['create table p (a int) partition by list (a); create index concurrently i on p (a);'],
    keeps: ['create table p (a int) partition by list (a); create index i on only p (a);'],
  },
  'cannot-see': {
    breaks: ['do $$ declare x text; begin execute x; end $$;', 'do language plpython3u $$ x $$;'],
    keeps: [
      "do $$ declare r record; begin execute 'alter table t drop constraint ' || quote_ident(r.conname); end $$;",
      'do $$ begin perform 1; end $$;',
    ],
  },
  'syntax-error': { breaks: ['select 1 from;', 'select 1; /* open'], keeps: ['select;'] },
  'drops-dependents': {
    breaks: ['drop function f cascade;', 'alter table t drop constraint k cascade;'],
    keeps: ['drop function f;', 'drop trigger g on t cascade;'],
  },
  'refuses-transaction': {
    breaks: ['create index concurrently i on t (a);'],
    keeps: ['-- transaction: none\ncreate index concurrently i on t (a);'],
  },
  'check-scans': {
    breaks: [
      'alter table t add constraint c check (a > 0);',
      'alter table only t add check (a > 0), alter b drop default;',
    ],
    keeps: [
      'alter table t add constraint c check (a > 0) not valid;',
      'create table t (a int); alter table t add check (a > 0);',
    ],
  },
  'foreign-key-scans': {
    breaks: [
      'alter table t add constraint f foreign key (a) references u (id) on delete cascade;',
      'alter table t add column a int default 1 references u;',
    ],
    keeps: [
      'alter table t add constraint f foreign key (a) references u (id) not valid;',
      'alter table t add column a int references u;',
    ],
  },
  'unique-builds-index': {
    breaks: [
      'alter table t add constraint k unique (a);',
      'alter table t add primary key (a);',
      'alter table t add a int unique;',
    ],
    keeps: ['alter table t add constraint k unique using index i;'],
  },
  'exclusion-builds-index': { breaks: ['alter table t add constraint e exclude using gist (a with &&);'], keeps: [] },
  'not-null-scans': {
    breaks: [
      'alter table t alter column a set not null;',
      'alter table t add constraint c check (a is not null) not valid; alter table t alter a set not null;',
    ],
    keeps: [
      'alter table t add constraint c check (a is not null); alter table t alter a set not null;',
      'alter table t alter a drop not null;',
    ],
  },
  'validated-under-lock': {
    breaks: ['alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c;'],
    keeps: ['alter table t validate constraint c;'],
  },
  'partition-scans': {
    breaks: ['alter table t attach partition p for values in (1);'],
    keeps: ['alter table t detach partition p;'],
  },
  'type-change-rewrites': {
    breaks: ['alter table t alter column a type bigint;', 'alter table t alter a set data type text using a::text;'],
    keeps: ['alter table t alter a set default 1;'],
  },
  'volatile-default': {
    breaks: [
      'alter table t add a uuid default gen_random_uuid();',
      'alter table t add column a bigserial;',
      'alter table t add a int generated always as (b + 1) stored;',
      `alter table t add a int default nextval('s');`,
    ],
    keeps: [
      'alter table t add a timestamptz default now() not null;',
      `alter table t add a varchar(20) default 'x'::varchar(20);`,
      'alter table t add a int default 1 check (a > 0);',
    ],
  },
  'not-null-without-default': {
    breaks: ['alter table t add column a int not null;'],
    keeps: ['alter table t add column a int not null default 0;', 'alter table t add column a int;'],
  },
  'table-rewrites': {
    breaks: ['cluster t using i;', 'vacuum full t;', 'alter table t set logged;'],
    keeps: ['analyze t;'],
  },
  'refresh-blocks': { breaks: ['refresh materialized view v;'], keeps: ['refresh materialized view concurrently v;'] },
  'drops-table': { breaks: ['drop table t;', 'drop schema s cascade;'], keeps: ['drop view t;'] },
  'drops-column': {
    breaks: ['alter table t drop column a;', 'alter table t drop a;'],
    keeps: ['alter table t drop constraint c;', 'alter table t alter a drop default;'],
  },
  'deletes-all-rows': { breaks: ['delete from t;', 'truncate t;'], keeps: ['delete from t where a = 1;'] },
  'updates-all-rows': { breaks: ['update t set a = 1;'], keeps: ['update t set a = 1 where a is null;'] },
  renames: {
    breaks: ['alter table t rename column a to b;', 'alter table t rename to u;', 'alter table t set schema s;'],
    keeps: ['alter table t rename constraint a to b;', 'alter index i rename to j;'],
  },
  'new-enum-value-used': {
    breaks: [`alter type m add value 'x'; alter table t alter a set default 'x';`],
    keeps: [
      `-- transaction: none\nalter type m add value 'x';\n\nalter table t alter a set default 'x';`,
      `alter type m add value 'y';`,
    ],
  },
};

describe('lint', () => {
  it('has a case for every rule', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(RULES).sort());
  });

  for (const [rule, { breaks, keeps }] of Object.entries(CASES)) {
    it.each(breaks)(`${rule}: %s`, async (sql) => {
      const found = (await lint(sql)).find((finding) => finding.rule === rule);
      const severity = rule === 'syntax-error' ? 'error' : 'danger';
      expect(found).toMatchObject({ rule, severity, accepted: undefined });
      expect(found?.recipe).not.toMatch(/\{\w+\}/);
    });
    it.each(keeps)(`${rule} is kept by: %s`, async (sql) => {
      expect((await lint(sql)).map((finding) => finding.rule)).not.toContain(rule);
    });
  }

  it('knows that a check validated in an earlier revision proves NOT NULL', async () => {
    const earlier =
      'alter table t add constraint c check (a is not null) not valid;\n\nalter table t validate constraint c;';
    expect(await lint('alter table t alter a set not null;', { earlier })).toEqual([]);
  });

  it('knows from the snapshot that a longer varchar rewrites nothing', async () => {
    const column = { entityType: 'columns', schema: 'public', table: 't', name: 'a', type: 'varchar(20)' };
    const snapshot = { id: 'x', prevIds: [], ddl: [column] };
    expect(await lint('alter table t alter a type varchar(40);', { snapshot })).toEqual([]);
    expect(await lint('alter table t alter a type text;', { snapshot })).toEqual([]);
    expect(await lint('alter table t alter a type varchar(10);', { snapshot })).toHaveLength(1);
  });

  it('says what the lock blocks, where the statement stands and what the safe way is', async () => {
    const [finding] = await lint('-- why\n\nselect 1;\n\ncreate index i on t (a);');
    expect(finding).toMatchObject({ line: 11, table: 't', lock: 'SHARE', blocks: 'every write' });
    expect(finding?.recipe).toContain('CREATE INDEX CONCURRENTLY i ON t');
  });

  it('accepts a danger with a reason', async () => {
    const [finding] = await lint('-- lint: allow drops-table because nobody used it since March\ndrop table t;');
    expect(finding).toMatchObject({ rule: 'drops-table', accepted: 'nobody used it since March' });
  });

  it.each([
    ['without a reason', '-- lint: allow drops-table\ndrop table t;', 'It gives no reason'],
    ['of an unknown rule', '-- lint: allow everything because why not\ndrop table t;', 'There is no rule everything'],
    [
      'that allows nothing',
      '-- lint: allow drops-table because\n-- lint: allow renames because x\nselect 1;',
      'does not break renames',
    ],
  ])('refuses a suppression %s', async (_, sql, why) => {
    const stray = (await lint(sql)).filter(({ rule }) => rule === 'stray-suppression');
    expect(stray.map((finding) => finding.why).join()).toContain(why);
  });

  it('asks for the way back', async () => {
    expect((await lint('create table t (a int);', { downgrade: '' })).map(({ rule }) => rule)).toEqual([
      'missing-downgrade',
    ]);
  });

  it('notices that a downgrade loses what was written since', async () => {
    const [finding] = await lint('create table t (a int);', { downgrade: 'drop table t;' });
    expect(finding).toMatchObject({ rule: 'lossy-downgrade', severity: 'notice' });
  });
});
