import { setImmediate as nextTurn } from 'node:timers/promises';

const waiting = new Set<() => unknown>();

/**
 * A module that the start does without: its first user loads it, or the server a moment after it listens.
 * `load` is a synchronous `require`, so that nothing on its way has to wait for it.
 */
export function later<T>(load: () => T): () => T {
  const module = onFirstUse(() => {
    waiting.delete(module);
    return load();
  });
  waiting.add(module);
  return module;
}

/** Leaves out what `later` gave: the server for which it would load is closed. */
export function forget(module: () => unknown): void {
  waiting.delete(module);
}

/** Loads what nobody has used yet, one module in each turn of the event loop. */
export async function loadWaiting(): Promise<void> {
  for (const load of waiting) {
    load();
    await nextTurn();
  }
}

/** What `make` gives, made at the first call. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}
