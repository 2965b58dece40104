import { and, asc, type Column, desc, eq, gt, isNull, lt, or, type SQL } from 'drizzle-orm';
import { PgTimestamp, PgTimestampString } from 'drizzle-orm/pg-core';
import { AppError } from './errors.ts';
import { isId } from './ids.ts';
import { newestFirst, type Ordering } from './pages.ts';

/** `title` sorts from the least value on, `-title` from the greatest one. */
export type SortOf<C extends Record<string, Column>> = (keyof C & string) | `-${keyof C & string}`;

type Sortable = string | number | boolean | null;

/**
 * The orders of a list, by declaration: `const orderOf = sortableBy({ title: notes.title }, notes.id)`, then
 * `orderOf(request.sort)`; without a sort the newest come first. Rows that are equal in the column follow in the order of their
 * ids, so that a cursor marks one place; rows without a value come last. An index on (column, id) serves it.
 */
export function sortableBy<C extends Record<string, Column>>(
  columns: C,
  id: Column,
): (sort: SortOf<C> | undefined) => Ordering<{ id: string } & { [K in keyof C]: C[K]['_']['data'] | null }> {
  for (const [name, column] of Object.entries(columns)) requireWholeValues(name, column);
  return (sort) => {
    if (sort === undefined) return newestFirst(id);
    const name = sort.replace(/^-/, '');
    const column = columns[name];
    if (column === undefined) throw new Error(`the list is not sortable by ${name}`);
    return orderedBy(name, { column, id, isDescending: sort.startsWith('-') });
  };
}

/** Every word that `sort` may be, for the schema of the query. */
export function sortsOf<const N extends string>(...names: N[]): (N | `-${N}`)[] {
  return names.flatMap((name) => [name, `-${name}`] as const);
}

interface Place {
  column: Column;
  id: Column;
  isDescending: boolean;
}

function orderedBy<Row extends { id: string }>(name: string, place: Place): Ordering<Row> {
  const { column, id, isDescending } = place;
  const direction = isDescending ? desc : asc;
  return {
    // Rows without a value come last: PostgreSQL would put them first if the greatest comes first.
    orderBy: [...(column.notNull ? [] : [asc(isNull(column))]), direction(column), direction(id)],
    follows: (cursor) => follows(place, valuesFromCursor(cursor)),
    // The row has the columns by which it is sorted.
    cursorOf: (row) => toCursor([(row as Record<string, unknown>)[name] as Sortable, row.id]),
  };
}

function follows({ column, id, isDescending }: Place, [value, last]: [Sortable, string]): SQL | undefined {
  const isAfter = isDescending ? lt : gt;
  if (value === null) return and(isNull(column), isAfter(id, last));
  const later = or(isAfter(column, value), and(eq(column, value), isAfter(id, last)));
  return column.notNull ? later : or(later, isNull(column));
}

/** A cursor holds the value as it is answered. One that is cut on its way to the client would skip or repeat rows. */
function requireWholeValues(name: string, column: Column): void {
  const isInstant = column instanceof PgTimestamp || column instanceof PgTimestampString;
  if (isInstant && column.precision !== 3)
    throw new Error(
      `${name} cannot be sorted by: an answer has its milliseconds alone; declare the column by moment()`,
    );
}

function toCursor(values: [Sortable, string]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values inside a cursor; throws validation_failed, since a cursor is client input like any other. */
function valuesFromCursor(cursor: string): [Sortable, string] {
  const values = parsed(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(values) && values.length === 2 && isSortable(values[0]) && isId(values[1]))
    return [values[0], values[1]];
  const rule = { msg: 'is not a cursor of this list', type: 'cursor' };
  throw new AppError('validation_failed', { field: 'cursor', rule });
}

/** PostgreSQL's text has neither NUL nor half a surrogate pair. */
function isSortable(value: unknown): value is Sortable {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
