/** Things that are made in their order, each when it is first looked at. */
export interface Line<T> {
  /** The next one, which stays; `undefined` at the end, or if it could not be made, which `take` says. */
  look: () => T | undefined;
  /** The next one, which goes; `undefined` at the end. Throws what making it has thrown. */
  take: () => T | undefined;
}

/** A line of what `make` gives for each source. */
export function createLine<S, T>(sources: readonly S[], make: (source: S) => T): Line<T> {
  const waiting = [...sources];
  let first: { value?: T | undefined; error?: unknown } | undefined;
  const made = (): { value?: T | undefined; error?: unknown } => {
    if (first !== undefined) return first;
    const source = waiting.shift();
    try {
      first = { value: source === undefined ? undefined : make(source) };
    } catch (error) {
      first = { error };
    }
    return first;
  };
  return {
    look: () => made().value,
    take: () => {
      const { value, error } = made();
      first = undefined;
      if (error !== undefined) throw error;
      return value;
    },
  };
}
