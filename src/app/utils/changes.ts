import { type Column, or, type SQL, sql } from 'drizzle-orm';

/** The given fields whose values differ from the stored ones; `undefined` if there is nothing to write. */
export function changedFields<T extends object>(
  stored: T,
  given: { [K in keyof T]?: T[K] | undefined },
): Partial<T> | undefined {
  const changed = Object.entries(given).filter(
    ([name, value]) => value !== undefined && value !== stored[name as keyof T],
  );
  // The entries are those of `given`.
  return changed.length === 0 ? undefined : (Object.fromEntries(changed) as Partial<T>);
}

/** The condition that a row holds another value than one of the given ones, so that an update that would change nothing meets no row. */
export function isOther<T extends object>(
  columns: { [K in keyof T]: Column },
  given: { [K in keyof T]?: T[K] | undefined },
): SQL {
  const others = Object.entries(given).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [sql`${columns[name as keyof T]} is distinct from ${sql.param(value, columns[name as keyof T])}`],
  );
  return or(...others) ?? sql`false`;
}
