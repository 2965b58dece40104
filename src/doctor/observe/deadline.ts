import { setTimeout as sleep } from 'node:timers/promises';
import type { Look } from '../observation.ts';

/** Turns an error into a sentence for the person at the terminal. */
export type Explain = (error: unknown) => string;

/** Runs one look within a time limit; a failure becomes a sentence. */
export type Looker = <T>(withinMs: number, work: () => Promise<T>) => Promise<Look<T>>;

/** Looks that together take at most `total_ms`. One that is given up goes on unheard until its connection is closed. */
export function createLooker(total_ms: number, explain: Explain): Looker {
  const end = performance.now() + total_ms;
  return async (withinMs, work) => {
    const patience = Math.min(withinMs, end - performance.now());
    if (patience <= 0) return { failure: 'there was no time left for it' };
    const over = new AbortController();
    const looked = work().then(
      (seen) => ({ seen }),
      (error: unknown) => ({ failure: explain(error) }),
    );
    const deadline = sleep(patience, undefined, { signal: over.signal }).then(
      () => ({ failure: `no answer within ${(patience / 1000).toFixed(1)} s` }),
      () => ({ failure: '' }),
    );
    const first = await Promise.race([looked, deadline]);
    over.abort();
    return first;
  };
}
