import { currentTrace, type Trace } from '../observability/trace.ts';

/** Counts the time in which the request waits for the database; call the returned function at the end of the wait. */
export function waitIn(trace: Trace | undefined): () => void {
  if (trace === undefined) return ignore;
  const { usage } = trace;
  // Waits at the same time count once.
  if (usage.waits++ === 0) usage.waiting_since = performance.now();
  return () => {
    if (--usage.waits === 0) usage.waited_ms += performance.now() - usage.waiting_since;
  };
}

/** What is left of the time that the current request may wait for the database in all; `undefined` outside of a request. */
export function requestWaitLeftMs(limit_ms: number): number | undefined {
  const usage = currentTrace()?.usage;
  if (usage === undefined) return undefined;
  const current = usage.waits === 0 ? 0 : performance.now() - usage.waiting_since;
  return limit_ms - usage.waited_ms - current;
}

function ignore(): void {}
