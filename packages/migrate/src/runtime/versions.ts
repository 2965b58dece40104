import { MigrationError } from '../errors.ts';

/** Anything that runs a query: a pool, a client, a transaction. */
export interface Queryable {
  query: (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;
}

/** What is kept about an applied revision beside its bare id. */
export interface AppliedRevision {
  version_num: string;
  /** Of its upgrade statements when they ran, to notice a later edit. */
  checksum: string;
  applied_at: Date;
  /** Statements that ran and stay, if the revision is on its way and cannot be in one transaction; `null` when it is whole. */
  statements_done: number | null;
  /** Which way it is going while `statements_done` counts. */
  direction: 'upgrade' | 'downgrade';
}

/** Where both tables live, and the name of the one beside Alembic's. */
export interface VersionTables {
  schema: string;
  recordsTable: string;
}

/** The names of both tables: a comparison of schemas leaves them out. */
export function ownTables({ recordsTable }: Pick<VersionTables, 'recordsTable'>): string[] {
  return ['alembic_version', recordsTable];
}

const UNDEFINED_TABLE = '42P01';
/** Names of constraints are made from it, and PostgreSQL cuts them off after 63 bytes. */
const IS_NAME = /^[a-z_][a-z0-9_]{0,46}$/;

/** The heads that the database is at, in one query; none if it was never migrated. Not for use inside a transaction. */
export async function readVersions(db: Queryable, schema: string): Promise<string[]> {
  try {
    const { rows } = await db.query(versionsSql(schema));
    return rows.map((row) => String(row.version_num));
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw error;
  }
}

/** SQL that reads the heads. */
export function versionsSql(schema: string): string {
  return `select version_num from ${tableIn(schema, 'alembic_version')} order by version_num`;
}

/** What is known about each applied revision; nothing if another tool migrated the database. Not for use inside a transaction. */
export async function readApplied(db: Queryable, tables: VersionTables): Promise<Map<string, AppliedRevision>> {
  try {
    const { rows } = await db.query(
      `select version_num, checksum, extract(epoch from applied_at)::float8 as applied_at, statements_done, direction from ${recordsIn(tables)}`,
    );
    // The columns are the table's own, which only this file writes. A number of seconds reads alike under every DateStyle.
    const records = rows as unknown as (Omit<AppliedRevision, 'applied_at'> & { applied_at: number })[];
    return new Map(
      records.map((row) => [row.version_num, { ...row, applied_at: new Date(row.applied_at * 1000) }] as const),
    );
  } catch (error) {
    if (isUndefinedTable(error)) return new Map();
    throw error;
  }
}

/**
 * SQL that makes both tables if they are missing; run it under the migration lock. `alembic_version` has Alembic's own
 * shape, so that either tool reads what the other wrote; what Alembic does not know lives in a table beside it.
 */
export function versionTablesSql(tables: VersionTables): string[] {
  const { schema, recordsTable } = tables;
  return [
    `create table if not exists ${tableIn(schema, 'alembic_version')} (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num))`,
    `create table if not exists ${recordsIn(tables)} (
  version_num varchar(32) not null constraint ${recordsTable}_pkey primary key,
  checksum varchar(64) not null,
  applied_at timestamp with time zone default now() not null,
  statements_done integer,
  direction varchar(9) default 'upgrade' not null constraint ${recordsTable}_direction_check check (direction in ('upgrade', 'downgrade'))
)`,
  ];
}

/** Makes the schema and both tables; call it in a transaction that holds the migration lock. */
export async function ensureVersionTables(db: Queryable, tables: VersionTables): Promise<void> {
  const { schema } = tables;
  // Asking first spares a right to create, which a role may lack if both exist already.
  const { rows } = await db.query(
    'select to_regnamespace($1) is not null as has_schema, to_regclass($2) is not null and to_regclass($3) is not null as has_tables',
    [`"${schema}"`, tableIn(schema, 'alembic_version'), recordsIn(tables)],
  );
  if (rows[0]?.has_schema !== true) await db.query(`create schema if not exists "${schema}"`);
  if (rows[0]?.has_tables === true) return;
  for (const statement of versionTablesSql(tables)) await db.query(statement);
}

/** SQL that replaces heads by others. */
export function moveVersionsSql(schema: string, move: { from: readonly string[]; to: readonly string[] }): string[] {
  const table = tableIn(schema, 'alembic_version');
  const [[from, ...otherFrom], [to, ...otherTo]] = [move.from, move.to];
  // As Alembic moves it, along one line.
  if (from !== undefined && to !== undefined && otherFrom.length === 0 && otherTo.length === 0)
    return [`update ${table} set version_num = ${literal(to)} where version_num = ${literal(from)}`];
  return [
    ...move.from.map((id) => `delete from ${table} where version_num = ${literal(id)}`),
    ...move.to.map((id) => `insert into ${table} (version_num) values (${literal(id)}) on conflict do nothing`),
  ];
}

/** SQL that remembers what was applied, or how far a revision has come that cannot be in one transaction. */
export function rememberSql(
  tables: VersionTables,
  { version_num, checksum, statements_done, direction }: Omit<AppliedRevision, 'applied_at'>,
): string {
  const values = [literal(version_num), literal(checksum), statements_done ?? 'null', literal(direction)].join(', ');
  return `insert into ${recordsIn(tables)} (version_num, checksum, statements_done, direction) values (${values}) on conflict (version_num) do update set checksum = excluded.checksum, applied_at = now(), statements_done = excluded.statements_done, direction = excluded.direction`;
}

/** SQL that forgets a reverted revision. */
export function forgetSql(tables: VersionTables, id: string): string {
  return `delete from ${recordsIn(tables)} where version_num = ${literal(id)}`;
}

/** The table beside Alembic's, as SQL names it. */
export function recordsIn({ schema, recordsTable }: VersionTables): string {
  if (!IS_NAME.test(recordsTable) || recordsTable === 'alembic_version')
    throw new MigrationError(`recordsTable: "${recordsTable}" is not a name of small letters, digits and underscores`);
  return tableIn(schema, recordsTable);
}

/** Text as SQL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function tableIn(schema: string, table: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new MigrationError(`"${schema}" is not a schema name`);
  return `"${schema}".${table}`;
}

function isUndefinedTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === UNDEFINED_TABLE || error.code === '3F000');
}
