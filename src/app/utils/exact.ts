import type { InferInsertModel } from 'drizzle-orm';
import type { PgTable, PgUpdateSetSource } from 'drizzle-orm/pg-core';

/** Fields of `V` that `Columns` lacks become impossible, so that the compiler names them. */
type Only<V, Columns> = V & Record<Exclude<keyof V, keyof Columns>, never>;

/**
 * The changes for `set`, unchanged. Drizzle skips a field that the table does not have; here the compiler refuses it, so that
 * a renamed column loses no data: `.set(exact(items, changes))`
 */
export function exact<T extends PgTable, const V extends PgUpdateSetSource<T>>(
  _table: T,
  changes: Only<V, InferInsertModel<T>>,
): V {
  return changes;
}

/** A whole row for `values`, unchanged; the compiler names the column that is missing, and refuses a field that no column has. */
export function exactRow<T extends PgTable, const V extends InferInsertModel<T>>(
  _table: T,
  row: Only<V, InferInsertModel<T>>,
): V {
  return row;
}
