import { executionAsyncResource } from 'node:async_hooks';

/** Held, and never read. */
export const keptTicks: object[] = [];

/**
 * Keeps one of the objects that process.nextTick makes for each of its calls. V8 forgets the shape of objects if none of them
 * lives while it collects garbage, and the compiled nextTick knows no other shape: for the rest of the process it then takes
 * four times as long.
 */
export function keepTickShape(): void {
  process.nextTick(() => {
    keptTicks[0] = executionAsyncResource();
  });
}
