import { type Column, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import { timestamp, uuid } from 'drizzle-orm/pg-core';
import { newId } from './ids.ts';

/** The primary key of a table: a UUIDv7, so that rows sort by the time of their creation. */
export function primaryId() {
  return uuid().primaryKey().$defaultFn(newId);
}

/** When a row was written first and last, by the database's clock. */
export function timestamps() {
  return {
    created_at: timestamp({ withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    updated_at: timestamp({ withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow()
      .$onUpdateFn(() => sql`now()`),
  };
}

/** An instant that clients send: to the millisecond, as it is answered, so that a list can be sorted by it. */
export function moment() {
  return timestamp({ withTimezone: true, mode: 'string', precision: 3 });
}

/** The column of a soft delete. A statement on its table says `isAlive(table)` or `isDeleted(table)`; the database door insists. */
export function deletedAt() {
  return { deleted_at: moment() };
}

/** The condition of the rows that are not deleted. */
export function isAlive({ deleted_at }: { deleted_at: Column }): SQL {
  return isNull(deleted_at);
}

/** The condition of the rows that are deleted, for a restore or a cleanup. */
export function isDeleted({ deleted_at }: { deleted_at: Column }): SQL {
  return isNotNull(deleted_at);
}

/** The condition of a CHECK that a column holds one of the words of its enum: `check('notes_status_check', isOneOf(table.status, NOTE_STATUSES))`. */
export function isOneOf(column: Column, words: readonly string[]): SQL {
  const quoted = words.map((word) => `'${word.replaceAll("'", "''")}'`);
  return sql`${column} in (${sql.raw(quoted.join(', '))})`;
}

/**
 * The columns of a table that a view's schema names, in the schema's order, for `select` and `returning`. The compiler
 * refuses a schema with a field that the table does not have.
 */
export function columnsOf<
  T extends object,
  S extends { properties: { [K in keyof S['properties']]: K extends keyof T ? unknown : never } },
>(table: T, { properties }: S): Pick<T, keyof S['properties'] & keyof T> {
  const names = Object.keys(properties) as (keyof S['properties'] & keyof T)[];
  // The type of `properties` says that the table has every name.
  return Object.fromEntries(names.map((name) => [name, table[name]])) as Pick<T, keyof S['properties'] & keyof T>;
}
