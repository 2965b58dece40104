import type pg from 'pg';
import type { Read } from './database.ts';
import type { DeclaredObjects } from './objects.ts';

/** What a live database has beyond what models describe. */
export interface BeyondModels {
  /** As SQL, both ways. */
  objects: DeclaredObjects;
  /** How tables are parted, and their partitions; by the table's name. */
  partitioned: ReadonlyMap<string, { key: string; partitions: readonly string[] }>;
  /** Definitions of indexes that models describe in part only; by the index's name. */
  indexes: ReadonlyMap<string, string>;
  /** What is written nowhere: a sentence for each. */
  leftOut: readonly string[];
}

interface Row {
  name: string;
  create: string;
  drop: string;
}

/** Reads from the catalogue what drizzle-kit passes over, in the order in which it is made. The session's search_path begins with the schema. */
export async function readBeyond(client: pg.Client, { schemas, own }: Read): Promise<BeyondModels> {
  const objects: [string, { create: string; drop: string }][] = [];
  for (const [kind, sql] of Object.entries(OBJECTS)) {
    const values = [schemas, own].slice(0, new Set(sql.match(/\$\d/g)).size);
    const { rows } = await client.query<Row>(sql, values);
    for (const { name, create, drop } of rows) objects.push([`${kind} ${name}`, { create, drop }]);
  }
  const parted = await client.query(PARTITIONED, [schemas]);
  const indexes = await client.query(INDEXES, [schemas]);
  const leftOut = await client.query(LEFT_OUT, [schemas, own]);
  return {
    objects: Object.fromEntries(objects),
    partitioned: new Map(parted.rows.map(({ name, key, partitions }) => [name, { key, partitions }])),
    indexes: new Map(indexes.rows.map(({ name, definition }) => [name, definition])),
    leftOut: leftOut.rows.map(({ what }) => what),
  };
}

/** The statements of the tables with what belongs into them: their partitions, and what their indexes have more. */
export function withBeyond(statements: readonly string[], { partitioned, indexes }: BeyondModels): string[] {
  return statements.flatMap((statement) => {
    const [, table = ''] = /^CREATE TABLE (?:"(?:[^"]|"")+"\.)?"((?:[^"]|"")+)"/.exec(statement) ?? [];
    const parted = partitioned.get(table.replaceAll('""', '"'));
    if (parted !== undefined)
      return [statement.replace(/\n\);\s*$/, `\n) PARTITION BY ${parted.key};`), ...parted.partitions];
    const [, index = ''] = /^CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?"((?:[^"]|"")+)"/.exec(statement) ?? [];
    return [indexes.get(index.replaceAll('""', '"')) ?? statement];
  });
}

const notOfExtension = (catalogue: string, oid: string): string =>
  `not exists (select from pg_depend x where x.classid = '${catalogue}'::regclass and x.objid = ${oid} and x.deptype = 'e')`;
/** A name as it is written where the schema comes from the search_path. */
const named = (schema: string, name: string): string =>
  `case when ${schema} = ($1::text[])[1] then format('%I', ${name}) else format('%I.%I', ${schema}, ${name}) end`;

const OBJECTS: Readonly<Record<string, string>> = {
  extension: `
    select extname as name, format('CREATE EXTENSION IF NOT EXISTS %I', extname) as create, format('DROP EXTENSION %I', extname) as drop
      from pg_extension where extname <> 'plpgsql' order by oid`,
  domain: `
    select t.typname as name,
           concat_ws(' ', 'CREATE DOMAIN', ${named('n.nspname', 't.typname')}, 'AS', format_type(t.typbasetype, t.typtypmod),
             'DEFAULT ' || t.typdefault, case when t.typnotnull then 'NOT NULL' end,
             (select string_agg(format('CONSTRAINT %I %s', c.conname, pg_get_constraintdef(c.oid)), ' ') from pg_constraint c where c.contypid = t.oid and c.contype = 'c')) as create,
           'DROP DOMAIN ' || ${named('n.nspname', 't.typname')} as drop
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
     where t.typtype = 'd' and n.nspname = any($1) and ${notOfExtension('pg_type', 't.oid')} order by t.oid`,
  type: `
    select t.typname as name,
           format('CREATE TYPE %s AS (%s)', ${named('n.nspname', 't.typname')}, (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
             from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as create,
           'DROP TYPE ' || ${named('n.nspname', 't.typname')} as drop
      from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_class c on c.oid = t.typrelid
     where c.relkind = 'c' and n.nspname = any($1) and ${notOfExtension('pg_type', 't.oid')} order by t.oid`,
  function: `
    select p.proname as name,
           case when n.nspname = ($1::text[])[1] then regexp_replace(pg_get_functiondef(p.oid), '^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )(?:"(?:[^"]|"")+"|\\w+)\\.', '\\1') else pg_get_functiondef(p.oid) end as create,
           format('DROP %s %s(%s)', case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, ${named('n.nspname', 'p.proname')}, pg_get_function_identity_arguments(p.oid)) as drop
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prokind in ('f', 'p') and n.nspname = any($1) and ${notOfExtension('pg_proc', 'p.oid')} order by p.oid`,
  exclusion: `
    select k.conname as name,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', ${named('n.nspname', 'c.relname')}, k.conname, pg_get_constraintdef(k.oid)) as create,
           format('ALTER TABLE %s DROP CONSTRAINT %I', ${named('n.nspname', 'c.relname')}, k.conname) as drop
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'x' and n.nspname = any($1) and k.conparentid = 0 order by k.oid`,
  rule: `
    select r.rulename as name, pg_get_ruledef(r.oid, true) as create, format('DROP RULE %I ON %s', r.rulename, ${named('n.nspname', 'c.relname')}) as drop
      from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
     where r.rulename <> '_RETURN' and n.nspname = any($1) order by r.oid`,
  trigger: `
    select t.tgname as name, pg_get_triggerdef(t.oid, true) as create, format('DROP TRIGGER %I ON %s', t.tgname, ${named('n.nspname', 'c.relname')}) as drop
      from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where not t.tgisinternal and t.tgparentid = 0 and n.nspname = any($1) order by t.oid`,
  statistics: `
    select s.stxname as name, pg_get_statisticsobjdef(s.oid) as create, format('DROP STATISTICS %s', ${named('n.nspname', 's.stxname')}) as drop
      from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where n.nspname = any($1) order by s.oid`,
  comment: `
    select concat_ws('.', c.relname, a.attname) as name, format('COMMENT ON %s IS %L', target, d.description) as create, format('COMMENT ON %s IS NULL', target) as drop
      from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
     cross join lateral (select case when d.objsubid > 0 then format('COLUMN %s.%I', ${named('n.nspname', 'c.relname')}, a.attname)
             else format('%s %s', case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'i' then 'INDEX' when 'I' then 'INDEX' when 'S' then 'SEQUENCE' else 'TABLE' end, ${named('n.nspname', 'c.relname')}) end as target) as t
     where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'i', 'I', 'S') and not c.relispartition and c.relname <> all($2) order by d.objoid, d.objsubid`,
};

const PARTITIONED = `
  select c.relname as name, pg_get_partkeydef(c.oid) as key,
         coalesce((select array_agg(format('CREATE TABLE %s PARTITION OF %s %s%s;', ${named('pn.nspname', 'p.relname')}, ${named('on_.nspname', 'o.relname')},
                            pg_get_expr(p.relpartbound, p.oid), coalesce(' PARTITION BY ' || pg_get_partkeydef(p.oid), '')) order by t.level, p.oid)
            from pg_partition_tree(c.oid) t join pg_class p on p.oid = t.relid join pg_namespace pn on pn.oid = p.relnamespace
            join pg_class o on o.oid = t.parentrelid join pg_namespace on_ on on_.oid = o.relnamespace), '{}') as partitions
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'p' and not c.relispartition and n.nspname = any($1)`;

/** Models know neither included columns nor collations of an index. */
const INDEXES = `
  select c.relname as name, replace(pg_get_indexdef(i.indexrelid), format(' ON %I.', n.nspname), case when n.nspname = ($1::text[])[1] then ' ON ' else format(' ON %I.', n.nspname) end) || ';' as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = any($1) and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
     and (i.indnatts > i.indnkeyatts or pg_get_indexdef(i.indexrelid) ~ ' COLLATE | NULLS NOT DISTINCT')`;

/** What would need more than a statement, or a right that a migration should not have. */
const LEFT_OUT = `
  select format('aggregate %s', p.oid::regprocedure) as what from pg_proc p where p.prokind in ('a', 'w') and p.pronamespace::regnamespace::text = any($1) and ${notOfExtension('pg_proc', 'p.oid')}
  union all select format('type %s', t.oid::regtype) from pg_type t where t.typtype in ('r', 'b') and t.typcategory <> 'A' and t.typnamespace::regnamespace::text = any($1) and ${notOfExtension('pg_type', 't.oid')}
  union all select format('foreign table %s', c.oid::regclass) from pg_class c where c.relkind = 'f' and c.relnamespace::regnamespace::text = any($1)
  union all select format('inheritance of table %s', i.inhrelid::regclass) from pg_inherits i join pg_class c on c.oid = i.inhrelid where not c.relispartition and c.relkind = 'r' and c.relnamespace::regnamespace::text = any($1)
  union all select format('table %s is unlogged', c.oid::regclass) from pg_class c where c.relpersistence = 'u' and c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any($1)
  union all select format('storage options of %s: %s', c.oid::regclass, array_to_string(c.reloptions, ', ')) from pg_class c where c.relkind in ('r', 'p') and c.reloptions is not null and c.relnamespace::regnamespace::text = any($1)
  union all select format('grants on %s', c.oid::regclass) from pg_class c where c.relacl is not null and c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relname <> all($2) and c.relnamespace::regnamespace::text = any($1)
  union all select format('constraint %s on %s is %s', k.conname, k.conrelid::regclass, case when k.condeferrable then 'deferrable' else 'not valid' end)
              from pg_constraint k where k.contype <> 'x' and (k.condeferrable or not k.convalidated) and k.connamespace::regnamespace::text = any($1)
  union all select format('collation of column %s.%I', a.attrelid::regclass, a.attname) from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
              where a.attcollation <> t.typcollation and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace::regnamespace::text = any($1)
  union all select format('comment on %s', pg_describe_object(d.classoid, d.objoid, d.objsubid)) from pg_description d
              where d.classoid in ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
                and (select nspname from pg_namespace where oid = coalesce((select typnamespace from pg_type where oid = d.objoid and d.classoid = 'pg_type'::regclass),
                     (select pronamespace from pg_proc where oid = d.objoid and d.classoid = 'pg_proc'::regclass),
                     (select connamespace from pg_constraint where oid = d.objoid and d.classoid = 'pg_constraint'::regclass))) = any($1)
                and not exists (select from pg_depend x where x.classid = d.classoid and x.objid = d.objoid and x.deptype = 'e')
  union all select format('trigger %s on %s is not enabled as usual', t.tgname, t.tgrelid::regclass) from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and t.tgenabled <> 'O' and c.relnamespace::regnamespace::text = any($1)
  order by 1`;
