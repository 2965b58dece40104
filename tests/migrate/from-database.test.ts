import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject } from '../helpers/migrations.ts';
import { probeRows } from '../helpers/probe-rows.ts';
import { dumpSchema } from '../helpers/schema-dump.ts';
import { casesOf } from '../helpers/short-form.ts';

const CASES: readonly [string, string][] = [
  ['an exclusion constraint', 'create table b (r tstzrange, exclude using gist (r with &&))'],
  ['a partitioned table', 'create table l (id int, at timestamptz) partition by range (at)'],
  [
    'a partitioned table with partitions of partitions',
    `create table l (id int not null, at timestamptz not null, primary key (id, at)) partition by range (at);
     create table l_old partition of l for values from (minvalue) to ('2026-01-01');
     create table l_new partition of l for values from ('2026-01-01') to (maxvalue) partition by list (id);
     create table l_new_1 partition of l_new for values in (1); create table l_rest partition of l_new default;`,
  ],
  [
    'an extension and a column of its type',
    'create extension citext; create table t (id int primary key, name citext not null)',
  ],
  [
    'a domain, a composite type and columns of them',
    `create domain email as text default 'a@x' not null constraint has_at check (value like '%@%');
     create type place as (x int, y numeric(4, 1)); create table t (id int primary key, e email, p place)`,
  ],
  [
    'functions, a procedure and triggers',
    `create table t (id int primary key, body text);
     create function slug(v text) returns text language sql immutable as 'select lower(v)';
     create index t_slug on t (slug(body));
     create function shout() returns trigger language plpgsql as $$ begin new.body := upper(new.body); return new; end $$;
     create trigger t_shout before insert on t for each row execute function shout();
     create procedure clear() language sql as 'delete from t'`,
  ],
  [
    'a function that a default needs',
    `create function one() returns int language sql as 'select 1'; create table t (id int primary key default one())`,
  ],
  [
    'an index with included columns',
    'create table t (id int primary key, body text); create index t_body on t (body) include (id)',
  ],
  [
    'comments',
    `create table t (id int primary key, "it's" text); comment on table t is 'a ''table'''; comment on column t."it's" is 'a column'`,
  ],
  [
    'a rule and statistics',
    'create table t (a int, b int); create statistics t_ab on a, b from t; create rule quiet as on delete to t do instead nothing',
  ],
  [
    'row-level security',
    `create table t (id int primary key); alter table t enable row level security; create policy p on t for select using (id > 0)`,
  ],
];

describe('a first revision from a live database', () => {
  it.each(casesOf(CASES, 4))('makes it anew, and takes it away: %s', async (_, statements) => {
    const live = await createProject();
    onTestFinished(live.end);
    await live.sql(statements);
    const written = await live.migrator().revision({ message: 'as it is', autogenerate: true, from_database: true });
    expect(written?.leftOut).toEqual([]);
    const fresh = await createProject();
    onTestFinished(fresh.end);
    const migrator = fresh.migrator({ directory: live.directory });
    await migrator.upgrade('head');
    const client = await fresh.connect();
    expect(await dumpSchema(client)).toBe(await dumpSchema(await live.connect()));
    if (!/partition|tstzrange|place|rule/.test(statements)) await probeRows(client);
    await migrator.downgrade('base');
    expect(
      await fresh.sql(
        `select relname from pg_class where relnamespace = 'public'::regnamespace and relname !~ '^(alembic|applied)_'`,
      ),
    ).toEqual([]);
    await migrator.upgrade('head');
  });

  it('names what it does not write, in the file and to the caller', async () => {
    const live = await createProject();
    onTestFinished(live.end);
    await live.sql(
      `create unlogged table u (id int primary key); create aggregate longest(int) (sfunc = int4larger, stype = int);
       create table d (id int, constraint once unique (id) deferrable); grant select on d to public;
       create table c (name text collate "C"); create type span as range (subtype = int)`,
    );
    const written = await live.migrator().revision({ message: 'as it is', autogenerate: true, from_database: true });
    const expected = [
      'aggregate longest(integer)',
      'collation of column c.name',
      'constraint once on d is deferrable',
      'grants on d',
      'table u is unlogged',
      'type span',
    ];
    expect(written?.leftOut).toEqual(expect.arrayContaining(expected));
    const text = readFileSync(join(written?.path ?? '', 'upgrade.sql'), 'utf8');
    for (const what of expected) expect(text).toContain(`--   ${what}\n`);
  });
});
