import { getColumns, getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/** A table that a statement reads or changes, as Drizzle writes it. */
const TOUCHED = /\b(?:from|join|update|using) (?:"\w+"\.)?"(\w+)"/g;

/** Drizzle's logger: it sees each statement before it is sent. */
export interface StatementCheck {
  logQuery: (statement: string) => void;
}

/**
 * Refuses a statement that reads or changes the rows of a table with `deleted_at` and does not say whether it means the deleted
 * ones. `undefined` if no table has the column. It is for development and tests, so that production pays nothing.
 */
export function createSoftDeleteCheck(tables: readonly PgTable[]): StatementCheck | undefined {
  const names = tables.filter((table) => 'deleted_at' in getColumns(table)).map(getTableName);
  if (names.length === 0) return undefined;
  return {
    logQuery: (statement) => {
      // An INSERT that reads its own table counts what is stored; an account goes with its hidden rows.
      if (/^insert |\/\* deleted ones too \*\//i.test(statement)) return;
      const touched = [...statement.matchAll(TOUCHED)].map(([, name = '']) => name);
      const table = touched.find((name) => names.includes(name));
      if (table === undefined || /"deleted_at" is (?:not )?null/.test(statement)) return;
      throw new Error(
        `A statement on ${table} forgets the rows that are deleted: add isAlive(${table}) or isDeleted(${table}) to its condition\n${statement}`,
      );
    },
  };
}
