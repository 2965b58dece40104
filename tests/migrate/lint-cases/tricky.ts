import type { LintCase } from './case.ts';

/** Statements that a linter of words judges wrongly. */
export const TRICKY: readonly LintCase[] = [
  {
    sql: 'alter table t add column a uuid default gen_random_uuid(), add constraint c check (a is not null), drop column b;',
    expected: ['volatile-default', 'check-scans', 'drops-column'],
  },
  {
    sql: 'alter table "a,b" add column "x,y" int, alter column "weird;name" set not null;',
    expected: ['not-null-scans'],
  },
  {
    sql: `do $$ begin execute 'alter table t add unique (a)'; end $$;`,
    expected: ['unique-builds-index', 'cannot-see'],
  },
  {
    sql: 'create function f() returns void language sql begin atomic delete from t where a = 1; update t set a = case when a > 0 then 1 else 2 end where a = 3; end; create index i on t (a);',
    expected: ['index-blocks-writes'],
  },
  { sql: `alter type mood add value if not exists 'x' before 'y';`, expected: [] },
  { sql: 'alter table t add column g int generated always as (a * 2) stored;', expected: ['volatile-default'] },
  { sql: 'alter table t alter column a set data type bigint using a::bigint;', expected: ['type-change-rewrites'] },
  { sql: 'alter table only public.t add constraint k primary key (id);', expected: ['unique-builds-index'] },
  { sql: 'alter table t validate constraint c;', expected: [] },
  {
    sql: 'alter /* , */ table t -- hi, (\n add /* ( */ constraint c /* NOT VALID */ check (a > 0) -- NOT VALID\n;',
    expected: ['check-scans'],
  },
  { sql: `alter table t add column c timestamptz not null default timezone('utc'::text, now());`, expected: [] },
  { sql: `alter table t add column c date default date_trunc('day', now());`, expected: [] },
  { sql: `alter table t add column c text default coalesce(null, 'x');`, expected: [] },
  { sql: `alter table t add column s text default 'a' check (length(s) < 9);`, expected: ['check-scans'] },
  { sql: 'alter table t add column checked_at timestamptz not null;', expected: ['not-null-without-default'] },
  { sql: 'alter table t add column unique_id uuid default gen_random_uuid();', expected: ['volatile-default'] },
  { sql: 'alter table t add column a int default 1 check (a > 0);', expected: ['check-scans'] },
  { sql: 'alter table t alter column g set expression as (a * 3);', expected: ['table-rewrites'] },
  { sql: 'create table scratch (a int); truncate scratch, users;', expected: ['deletes-all-rows'] },
  { sql: 'update t set a = (select 1 from u where u.id = t.id);', expected: ['updates-all-rows'] },
  { sql: `update t set note = ' WHERE ';`, expected: ['updates-all-rows'] },
  {
    sql: 'alter table t add constraint f foreign key (a) references u (id) not valid deferrable initially deferred;',
    expected: [],
  },
  {
    earlier: 'alter table c validate constraint anything;',
    sql: 'alter table p attach partition c for values in (1);',
    expected: ['partition-scans'],
  },
  { sql: 'alter table n alter column a type numeric(12,2);', expected: [] },
  {
    sql: 'create table if not exists users (id int); create index i on users (email);',
    expected: ['index-blocks-writes'],
  },
  { sql: 'create table u2 (id int references users (id));', expected: [] },
  {
    sql: 'create rule r as on insert to t do also (insert into a values (1); insert into b values (2)); create index i on t (a);',
    expected: ['index-blocks-writes'],
  },
  {
    sql: 'alter table if exists t add column if not exists a int not null, drop column if exists b cascade;',
    expected: ['not-null-without-default', 'drops-column'],
  },
  { sql: 'alter table t add column a int constraint a_nn not null;', expected: ['not-null-without-default'] },
  { sql: 'alter table t alter column id add generated always as identity;', expected: [] },
  { sql: 'alter table all in tablespace a set tablespace b;', expected: ['table-rewrites'] },
  { sql: 'do language plpgsql $x$ begin perform 1; end $x$; drop table users', expected: ['drops-table'] },
  { sql: 'alter table t add colum a int not nul;', expected: ['syntax-error'] },
];
