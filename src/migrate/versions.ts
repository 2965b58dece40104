import { MigrationError } from './errors.ts';

/** Anything that runs a query: a pool, a client, a transaction. */
export interface Queryable {
  query: (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;
}

/** Alembic's own table and shape, so that either tool reads what the other wrote. */
const TABLE = 'alembic_version';

/** The heads that the database is at; none where it was never migrated. */
export async function readVersions(db: Queryable, schema: string): Promise<string[]> {
  const exists = await db.query('select to_regclass($1) is not null as found', [tableIn(schema)]);
  if (exists.rows[0]?.found !== true) return [];
  const { rows } = await db.query(`select version_num from ${tableIn(schema)} order by version_num`);
  return rows.map((row) => String(row.version_num));
}

/** Makes the table where it is missing; call it under the migration lock. */
export async function ensureVersionTable(db: Queryable, schema: string): Promise<void> {
  await db.query(`create schema if not exists "${schema}"`);
  await db.query(
    `create table if not exists ${tableIn(schema)} (version_num varchar(32) not null constraint alembic_version_pkc primary key)`,
  );
}

/** Replaces heads by others, in the transaction of the change that they describe. */
export async function moveVersions(
  db: Queryable,
  schema: string,
  { from, to }: { from: readonly string[]; to: readonly string[] },
): Promise<void> {
  await db.query(`delete from ${tableIn(schema)} where version_num = any($1)`, [from]);
  await db.query(`insert into ${tableIn(schema)} (version_num) select unnest($1::text[]) on conflict do nothing`, [to]);
}

function tableIn(schema: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new MigrationError(`"${schema}" is not a schema name`);
  return `"${schema}".${TABLE}`;
}
