import { type Column, type GetColumnData, is, type SQL, sql, type Table } from 'drizzle-orm';
import { PgDateString, PgNumeric, PgTimestampString } from 'drizzle-orm/pg-core';

/** Where a list inside a row comes from. */
interface NestedRows {
  from: Table;
  where: SQL | undefined;
  orderBy: Column | SQL;
  limit?: number;
}

const LIMIT = 100;
/** What JSON has as the builder gives it: a Date, a bigint or bytes would come as a text of another form. */
const PLAIN = /^(string|number|boolean|array|object json)\b/;

/**
 * The rows of another table as a list in each row of a `select`, at most `limit` (100): `loans: rowsOf({ id: loans.id, due_at:
 * loans.due_at }, { from: loans, where: eq(loans.book_id, books.id), orderBy: loans.due_at })`. They have the form that a `select`
 * of their own gives them; `json_agg` alone gives instants and exact numbers another one.
 * @public
 */
export function rowsOf<F extends Record<string, Column>>(
  fields: F,
  { from, where = sql`true`, orderBy, limit = LIMIT }: NestedRows,
): SQL<{ [K in keyof F]: GetColumnData<F[K]> }[]> {
  const members = Object.entries(fields).map(([name, column]) => sql`${literal(name)}, ${inJson(name, column)}`);
  const row = sql`json_build_object(${sql.join(members, sql`, `)})`;
  const rows = sql`select ${row} as member from ${from} where ${where} order by ${orderBy} limit ${limit}`;
  // One SQL inside another: the builder takes the table's name away from the columns of the outer one.
  return sql`${sql`(select coalesce(json_agg(list.member), '[]') from (${rows}) as list)`}`;
}

function inJson(name: string, column: Column): SQL {
  const isPlain = PLAIN.test(column.dataType) && !(is(column, PgTimestampString) && !column.withTimezone);
  if (!isPlain) throw new Error(`${name} cannot be in a list of rows: its type is ${column.dataType}`);
  if (is(column, PgTimestampString)) return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  if (is(column, PgNumeric) || is(column, PgDateString)) return sql`${column}::text`;
  return sql`${column}`;
}

function literal(name: string): SQL {
  return sql.raw(`'${name.replaceAll("'", "''")}'`);
}
