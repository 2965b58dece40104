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
