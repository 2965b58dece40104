import type { MeasuredStatement } from './measured-statements.ts';

const on = (given: string, ...statements: string[]): MeasuredStatement[] => statements.map((sql) => ({ given, sql }));

/** What a statement does to the relations around its own: partitions, heirs, the other ends of foreign keys, indexes of expressions. */
export const AROUND: readonly MeasuredStatement[] = [
  ...on(
    'alter table p attach partition p1 for values in (1);',
    'alter table p alter z type bigint',
    'alter table p alter z set not null',
    'alter table p add constraint x check (z > 0)',
    'alter table p add column q int default 3',
    'alter table p drop column z',
    'drop table p',
    'drop table p1',
    'create trigger x after insert on p for each row execute function g()',
    'alter table p rename column z to zz',
    'alter table p add constraint f foreign key (z) references u',
    'create index on only p (z)',
    'alter table p enable row level security',
  ),
  ...on(
    'alter table p attach partition p1 for values in (1); alter table p add primary key (a);',
    'create table y (a int references p)',
  ),
  ...on('alter table p attach partition p1 for values in (1); create index i on p (z);', 'drop index i'),
  ...on(
    'alter table p attach partition p1 for values in (1); create table s (a int not null, z int) partition by list (a);',
    'alter table p detach partition p1; alter table s attach partition p1 for values in (1)',
  ),
  ...on(
    'create table q (a int) partition by hash (a); create table q1 (a int); insert into q1 values (1);',
    'alter table q attach partition q1 for values with (modulus 1, remainder 0)',
  ),
  ...on(
    'create table q (a int) partition by list (a); create table q1 (a int); insert into q1 values (1); alter table q1 add constraint k check (a = 1);',
    'alter table q attach partition q1 for values in (1)',
  ),
  ...on(
    'create table q (a int) partition by list (a); create table q1 (a int); insert into q1 values (1); alter table q1 add constraint k check (a is not null) not valid, add constraint l check (a = 1);',
    'alter table q attach partition q1 for values in (1)',
  ),
  ...on(
    'create table q (a int) partition by range ((a + 1)); create table q1 (a int); insert into q1 values (1);',
    'alter table q attach partition q1 for values from (0) to (10)',
  ),
  ...on(
    'create table q (a int) partition by list (a); create table q1 partition of q for values in (1); insert into q values (1);',
    'create table qd partition of q default',
  ),
  ...on(
    'alter table t add constraint k check (a > 0) not valid;',
    'alter table t validate constraint k, alter a set not null',
  ),
  ...on(
    'alter table t add constraint k check (a is not null) not valid;',
    'alter table t validate constraint k, alter a set not null',
  ),
  ...on(
    'alter table t add constraint k check (a is not null);',
    'alter table t alter a set not null, alter b set not null',
    'alter table t alter a type bigint, alter a set not null',
    'alter table t add primary key (a)',
  ),
  ...on('alter table t add constraint k check ((a is not null) is true);', 'alter table t alter a set not null'),
  ...on(
    'alter table t add constraint k check (a is not null and b is not null);',
    'alter table t alter a set not null, alter b set not null',
  ),
  ...on('alter table t add constraint k check (coalesce(a, 0) <> 0);', 'alter table t alter a set not null'),
  ...on('alter table t add constraint k check (num_nonnulls(a) = 1);', 'alter table t alter a set not null'),
  ...on(
    'alter table t add constraint k check (a is not null); alter table t rename column a to aa;',
    'alter table t alter aa set not null',
  ),
  ...on(
    'alter table t add constraint k check (a is not null); alter table t rename to tt;',
    'alter table tt alter a set not null',
  ),
  ...on(
    'alter table t add constraint k check (a is not null); alter table t rename constraint k to kk;',
    'alter table t drop constraint kk, alter a set not null',
  ),
  ...on(
    'create table w (a int check (a is not null)); insert into w values (1);',
    'alter table w alter a set not null',
  ),
  ...on(
    'create table w (a int not null, b int); alter table w alter a drop not null; insert into w values (1);',
    'alter table w alter a set not null',
  ),
  ...on(
    'create table w (a int primary key, b int); insert into w values (1);',
    'alter table w alter a add generated always as identity',
  ),
  ...on(
    'create table w (a int, constraint k check (a is not null) no inherit); insert into w values (1);',
    'alter table w alter a set not null',
  ),
  ...on(
    'create table w (a int); insert into w values (1); create unique index wi on w (a);',
    'alter table w add primary key using index wi',
  ),
  ...on(
    'create table w (a int not null, b int); insert into w values (1); create unique index wi on w (a);',
    'alter table w replica identity using index wi',
  ),
  ...on(
    'create table w (a int not null); create unique index wi on w (a); insert into w values (1);',
    'alter table w add unique using index wi, alter a type oid',
  ),
  ...on(
    'create table w (a int generated always as identity); insert into w default values;',
    'alter table w alter a set generated by default',
    'alter table w alter a drop identity',
    'alter table w alter a type bigint',
  ),
  ...on(
    'create table w (a int, g int generated always as (a * 2) stored); insert into w values (1);',
    'alter table w drop column g',
  ),
  ...on(
    'create table w (a varchar(10), g int generated always as (1) stored); insert into w values (1);',
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    'create table w (a varchar(10)); create view wv as select 1 from w; insert into w values (1);',
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    'create table w (a varchar(10)); create index on w (lower(a)); insert into w values (1);',
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    "create table w (a varchar(10)); create index on w ((a || 'x')); insert into w values (1);",
    'alter table w alter a type text',
  ),
  ...on(
    "create table w (a varchar(10), b int); create index on w (b) where a = 'x'; insert into w values (1);",
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    'create table w (a varchar(10), b int); create statistics ws on a, b from w; insert into w values (1);',
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    'create table w (a varchar(10), b int); create policy wp on w using (b = 1); insert into w values (1);',
    'alter table w alter a type varchar(20)',
  ),
  ...on(
    'create table w (a varchar(10) primary key); insert into w values (1); create table wx (a varchar(10) references w); insert into wx values (1);',
    'alter table w alter a type varchar(20)',
    'alter table wx alter a type varchar(20)',
  ),
  ...on(
    'create table w (a int primary key); insert into w values (1); create table wx (a int references w); insert into wx values (1);',
    'alter table wx alter a type bigint',
    'drop table w cascade',
    'alter table w drop constraint w_pkey cascade',
    'drop table wx',
    'alter table wx drop column a',
    'alter table wx disable trigger all',
  ),
  ...on(
    "create table w (r int4range); insert into w values ('[1,2]');",
    'alter table w add exclude using gist (r with &&)',
    'alter table w add exclude using gist (r with &&) where (r is not null) deferrable',
  ),
  ...on(
    'create domain pos as int check (value > 0); create table w (a pos); insert into w values (1);',
    'alter table w alter a type int',
  ),
  ...on(
    'create domain pos as int; create table w (a int); insert into w values (1);',
    'alter table w alter a type pos',
  ),
  ...on(
    'create domain pos as int not null; create table w (a int); insert into w values (1);',
    'alter table w alter a type pos',
  ),
  ...on("create domain d1 as text; create domain d2 as d1 check (value <> '');", 'alter table t add column x d2'),
  ...on(
    'create domain d1 as text; create domain d2 as d1; create table w (a d2); insert into w values (1);',
    "alter domain d1 add check (value <> 'q')",
  ),
  ...on('create type comp as (x int, y int);', 'alter table t add column z comp default row(1,2)::comp'),
  ...on(
    "create type mood as enum ('a','b'); create table w (m mood); insert into w values ('a');",
    'alter table w alter m type text',
  ),
  ...on(
    "create type mood as enum ('a','b'); create table w (m text); insert into w values ('a');",
    'alter table w alter m type mood using m::mood',
  ),
  ...on(
    "create type mood as enum ('a','b'); create table w (m mood default 'a'); insert into w values ('a');",
    "alter table w alter m drop default, alter m type text using m::text, alter m set default 'x'",
  ),
  ...[
    'alter table t add column x int not null default 5, add column y text',
    'alter table t add column x text default (random())::text',
    'alter table t add column x int default (extract(epoch from now()))::int',
    'alter table t add column x uuid default gen_random_uuid() not null unique',
    'alter table t add column x timestamp default localtimestamp',
    "alter table t add column x int[] default '{}'::int[] not null",
    'alter table t add column x int default 1 not null check (x > 0) references u',
    'alter table t add constraint x foreign key (a) references u (id) on delete cascade',
    'alter table u add column t_id int, add constraint self foreign key (t_id) references u (id)',
    'alter table u add constraint self foreign key (id) references u',
    'alter table u add column parent int references u',
    'alter table u add column parent int default 1 references u',
    'alter table t alter a set default 5, alter a drop default',
    "alter table t alter tz type timestamp using tz at time zone 'utc'",
    'alter table kid no inherit u',
    'drop table kid',
    'drop table u cascade',
    'create index on only u (id)',
    'drop view if exists v cascade',
    "comment on constraint u_pkey on u is 'x'",
    "comment on index u_pkey is 'x'",
    "comment on view v is 'x'",
    "comment on function free() is 'x'",
    'lock table only u in exclusive mode',
    'lock u in access share mode',
    'lock v',
    'alter table u cluster on u_pkey',
    'cluster u using u_pkey',
    'alter table u drop constraint u_pkey',
    'alter table kid no inherit u',
    'drop function g()',
    'drop domain plain',
    "alter domain plain set default 'x'",
    'alter domain plain drop not null',
    'alter domain filled drop not null',
    'alter domain checked drop constraint checked_check',
    'alter domain plain rename to plainer',
    'drop domain checked cascade',
    'create table p2 partition of p for values in (2)',
    'create table p2 (like p including all); alter table p attach partition p2 for values in (2)',
    'alter table p add column q int default 3',
    'alter table p add constraint x check (z > 0) not valid',
    'create trigger x after insert on p for each row execute function g()',
    'alter table p enable row level security',
    'drop table p',
    'drop table p cascade',
  ].map((sql) => ({ sql })),
  ...on('create sequence seq;', "alter table t add column x bigint default nextval('seq')"),
  ...on('create sequence seq;', 'alter sequence seq restart'),
];
