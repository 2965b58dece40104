import type pg from 'pg';
import type { JobFacts, RoleFacts, ServerFacts, UncheckedConstraint, UnindexedKey, Usage } from '../observation.ts';
import { APPLICATION_NAME, lastRow } from './connections.ts';

/** The usual values; the time zone counts only if the role or the database has one of its own. */
const ODD_SETTINGS = `
  select coalesce(json_agg(json_build_object('name', name, 'value', current_setting(name), 'source', source) order by name), '[]')
    from pg_settings
   where case name
     when 'DateStyle' then setting not like 'ISO%'
     when 'IntervalStyle' then setting <> 'postgres'
     when 'TimeZone' then setting <> 'UTC' and source in ('user', 'database', 'database user')
     when 'bytea_output' then setting <> 'hex'
     when 'extra_float_digits' then setting::int < 1
     when 'standard_conforming_strings' then setting <> 'on'
     when 'search_path' then source in ('user', 'database', 'database user', 'configuration file')
     when 'default_transaction_isolation' then setting <> 'read committed'
     when 'default_transaction_read_only' then setting <> 'off'
     when 'lock_timeout' then setting <> '0'
     when 'session_replication_role' then setting <> 'origin'
     when 'synchronous_commit' then setting = 'off' and source in ('user', 'database', 'database user')
     else false end`;

const MOST_BROKEN = 1000;

/** Which server it is, and whether it takes writes. */
export async function observeServer(client: pg.Client): Promise<ServerFacts> {
  return lastRow(
    client,
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as version_num,
            current_setting('server_encoding') as encoding, pg_is_in_recovery() as is_standby,
            current_setting('transaction_read_only') = 'on' as is_read_only,
            (${ODD_SETTINGS}) as odd_settings`,
  );
}

/** What the role may do beyond need, and which tables of the schema it cannot work with. */
export async function observeRole(client: pg.Client, schema: string): Promise<RoleFacts> {
  const { rows } = await client.query<RoleFacts>(
    `select rolname as name, rolsuper as is_superuser, rolcreaterole as may_create_roles,
            rolcreatedb as may_create_databases, rolreplication as may_replicate,
            rolbypassrls as may_bypass_row_security,
            array(select relname::text from pg_class
                   where relnamespace = to_regnamespace($1) and relkind in ('r', 'p') and not relispartition
                     and not (has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select')
                         and (relname in ('alembic_version', 'back_revisions', 'audit_cuts', 'audit_chains') or has_table_privilege(oid, 'insert')))
                   order by relname) as out_of_reach
       from pg_roles where rolname = current_user`,
    [schema],
  );
  const [role] = rows;
  if (role === undefined) throw new Error('the server does not tell who we are');
  return role;
}

/** How many connections the server has, and who holds them. */
export async function observeUsage(client: pg.Client): Promise<Usage> {
  // Whose backends we may not look into have no type; every client has a user.
  const { role_limit, ...usage } = await lastRow<Omit<Usage, 'role_limit'> & { role_limit: number | null }>(
    client,
    `select current_setting('max_connections')::int as max_connections,
            current_setting('superuser_reserved_connections')::int
              + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved,
            (select count(*)::int from pg_stat_activity
              where usesysid is not null and datid is not null
                and coalesce(backend_type, 'client backend') = 'client backend'
                and coalesce(application_name, '') not in ('back-api', '${APPLICATION_NAME}')) as others,
            (select least(nullif(rolconnlimit, -1), nullif(datconnlimit, -1)) from pg_roles, pg_database
              where rolname = current_user and datname = current_database()) as role_limit`,
  );
  return { ...usage, role_limit: role_limit ?? undefined };
}

/**
 * The foreign keys of the schema whose columns lead no index: each deleted or changed row of the other table then reads
 * the whole of this one. A partial index serves if it leaves out nothing but nulls.
 */
export async function observeForeignKeys(client: pg.Client, schema: string): Promise<UnindexedKey[]> {
  const { rows } = await client.query<UnindexedKey>(
    `select format('%I.%I', $1::text, t.relname) as "table", c.conname as "constraint", t.relkind = 'p' as is_partitioned,
            names.list as columns,
            quote_ident(case when to_regclass(format('%I.%I', $1::text, names.index)) is null then names.index
                             else left(c.conname, 59) || '_idx' end) as "index"
       from pg_constraint c join pg_class t on t.oid = c.conrelid,
            lateral (select string_agg(quote_ident(a.attname), ', ' order by k.position) as list,
                            left(t.relname || '_' || string_agg(a.attname, '_' order by k.position), 59) || '_idx' as index
                       from unnest(c.conkey) with ordinality k (attnum, position)
                       join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum) names
      where c.contype = 'f' and c.conparentid = 0 and t.relnamespace = to_regnamespace($1)
        and not exists (
          select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
           where i.indrelid = t.oid and i.indisvalid and m.amname in ('btree', 'hash')
             and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
             and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', names.list)))
      order by t.relname, c.conname`,
    [schema],
  );
  return rows;
}

/** The check constraints that were not held against the rows of before, and how many of those break them. */
export async function observeUnchecked(client: pg.Client, schema: string): Promise<UncheckedConstraint[]> {
  const { rows } = await client.query<Omit<UncheckedConstraint, 'broken'>>(
    `select format('%I.%I', $1::text, t.relname) as "table", quote_ident(c.conname) as "constraint",
            pg_get_expr(c.conbin, c.conrelid) as condition
       from pg_constraint c join pg_class t on t.oid = c.conrelid
      where c.contype = 'c' and not c.convalidated and t.relnamespace = to_regnamespace($1)
      order by t.relname, c.conname`,
    [schema],
  );
  const unchecked: UncheckedConstraint[] = [];
  for (const row of rows) {
    const { broken } = await lastRow<{ broken: number }>(
      client,
      `select count(*)::int as broken from (select 1 from ${row.table} where not (${row.condition}) limit ${MOST_BROKEN}) as rows`,
    );
    unchecked.push({ ...row, broken });
  }
  return unchecked;
}

/** How many jobs wait and how long, and which were given up. */
export async function observeJobs(client: pg.Client, schema: string): Promise<JobFacts | undefined> {
  const table = `${client.escapeIdentifier(schema)}.jobs`;
  const { is_there } = await lastRow<{ is_there: boolean }>(
    client,
    `select to_regclass('${table.replaceAll("'", "''")}') is not null as is_there`,
  );
  if (!is_there) return undefined;
  const { oldest_kind, ...facts } = await lastRow<Omit<JobFacts, 'oldest_kind'> & { oldest_kind: string | null }>(
    client,
    `with due as (
       select kind, greatest(run_at, locked_until) as since from ${table}
        where state = 'pending' and run_at <= now() and (locked_until is null or locked_until <= now())
        order by 2 limit 1)
     select (select count(*)::int from ${table} where state = 'pending') as pending,
            coalesce((select extract(epoch from now() - since) from due), 0)::float8 as oldest_due_seconds,
            (select kind from due) as oldest_kind,
            (select count(*)::int from ${table} where state = 'dead') as dead,
            array(select distinct kind from ${table} where state = 'dead' order by 1) as dead_kinds`,
  );
  return { ...facts, oldest_kind: oldest_kind ?? undefined };
}
