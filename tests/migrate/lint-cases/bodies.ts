import type { LintCase } from './case.ts';

/** Statements inside of statements: blocks, functions, built texts. */
export const BODIES: readonly LintCase[] = [
  {
    earlier: `create function v() returns int language sql volatile as 'select 1';`,
    sql: 'alter table t add column a int default v()',
    expected: ['volatile-default'],
  },
  {
    earlier: `create function v() returns int language sql immutable as 'select 1';`,
    sql: 'alter table t add column a int default v()',
    expected: [],
  },
  {
    earlier: 'create function f() returns void language plpgsql as $$ begin delete from t; end $$;',
    sql: 'select f()',
    expected: ['deletes-all-rows'],
  },
  { sql: 'do $$ begin delete from t; end $$', expected: ['deletes-all-rows'] },
  {
    sql: 'do $$ declare r record; begin for r in select * from x loop delete from t; end loop; end $$',
    expected: ['deletes-all-rows'],
  },
  {
    sql: 'do $$ begin if exists (select 1) then drop table t; else alter table u add column a int not null; end if; end $$',
    expected: ['drops-table', 'not-null-without-default'],
  },
  { sql: `do $$ begin execute format('drop table %I', 'a'); end $$`, expected: ['drops-table', 'cannot-see'] },
  {
    sql: `do $$ declare r record; begin for r in select conname from pg_constraint loop execute 'alter table public.t drop constraint ' || quote_ident(r.conname); end loop; end $$`,
    expected: [],
  },
  {
    sql: `do $$ declare r record; begin for r in select tablename from pg_tables loop execute format('drop table %I cascade', r.tablename); end loop; end $$`,
    expected: ['drops-table', 'cannot-see'],
  },
  { sql: 'do $$ declare x text; begin execute x; end $$', expected: ['cannot-see'] },
  { sql: `do $$ begin execute 'alter table ' || tg || ' add column a int'; end $$`, expected: ['cannot-see'] },
  { sql: `do $$ begin execute format('alter table %s add column a int', x::regclass); end $$`, expected: [] },
  { sql: `do $$ begin execute 'create extension if not exists citext'; end $$`, expected: [] },
  { sql: 'do language plpython3u $$ x $$', expected: ['cannot-see'] },
  { sql: `do $$ begin perform set_config('x','y',true); raise notice 'drop table x'; end $$`, expected: [] },
  {
    sql: 'do $$ begin create table if not exists zz (a int); create index on zz (a); end $$',
    expected: ['index-blocks-writes'],
  },
  { sql: 'do $$ begin create table zz (a int); create index on zz (a); end $$', expected: [] },
  {
    sql: 'do $$ begin if true then create table users (a int); end if; end $$; drop table users',
    expected: ['drops-table'],
  },
  {
    sql: `do $$ begin create type mood as enum ('a'); exception when duplicate_object then null; end $$`,
    expected: [],
  },
  { sql: 'do $$ begin x y z; end $$', expected: ['cannot-see'] },
  { sql: 'do $x$ begin drop table users; end $x$ language plpgsql', expected: ['drops-table'] },
  { sql: 'do $$ declare n int; begin delete from t where a = 1; get diagnostics n = row_count; end $$', expected: [] },
  { sql: 'do $$ begin update t set a = 1; exception when others then raise; end $$', expected: ['updates-all-rows'] },
  {
    sql: 'do $$ begin loop delete from t where ctid in (select ctid from t limit 1000); exit when not found; end loop; end $$',
    expected: [],
  },
  {
    sql: 'do $$ begin with d as (delete from t returning *) insert into u select * from d; end $$',
    expected: ['deletes-all-rows'],
  },
  { sql: `do $$ begin execute 'drop table ' || quote_ident('t'); end $$`, expected: ['drops-table', 'cannot-see'] },
  { sql: `do $$ begin execute 'drop table t' using 1; end $$`, expected: ['drops-table', 'cannot-see'] },
  {
    sql: `do $$ begin execute format('alter table %I.%I drop column %I', 'a', 'b', 'c'); end $$`,
    expected: ['drops-column', 'cannot-see'],
  },
  { sql: `do $$ begin execute format('alter table %I alter column a set default %L', 't', 1); end $$`, expected: [] },
  { sql: `do $$ begin execute format('grant select on %I to %I', 'a', 'b'); end $$`, expected: [] },
  { sql: `do $$ begin execute 'select ' || x; end $$`, expected: ['cannot-see'] },
  {
    sql: 'do $$ declare c cursor for select * from t; begin for r in c loop update t set a = 1 where current of c; end loop; end $$',
    expected: [],
  },
  { sql: `do $$ begin for r in execute 'select * from ' || x loop null; end loop; end $$`, expected: ['cannot-see'] },
  {
    sql: `do $$ begin if not exists (select 1 from pg_type where typname = 'mood') then create type mood as enum ('a'); end if; end $$`,
    expected: [],
  },
  { sql: 'do $$ begin perform f(); call p(); end $$', expected: [] },
  {
    earlier: `create function wipe() returns void language sql as 'truncate t';`,
    sql: 'do $$ begin perform wipe(); end $$',
    expected: ['deletes-all-rows'],
  },
  {
    earlier: `create function wipe() returns void language plpgsql as $$ begin execute 'truncate ' || x; end $$;`,
    sql: 'select wipe()',
    expected: ['cannot-see'],
  },
  {
    sql: 'create function wipe() returns trigger language plpgsql as $$ begin delete from t; return new; end $$; create trigger g after insert on u for each statement execute function wipe()',
    expected: [],
  },
  {
    earlier: `create function a() returns void language sql as 'truncate t'; create function b() returns void language sql as 'select a()';`,
    sql: 'select b()',
    expected: ['deletes-all-rows'],
  },
];
