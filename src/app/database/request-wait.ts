import { currentTrace, type Trace } from '../observability/trace.ts';

const spent = new WeakSet<Error>();

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

/** Remembers that a request ended its wait because its time was used up: that says nothing of the server. */
export function noteSpentWait(error: unknown): void {
  if (error instanceof Error) spent.add(error);
}

/** True if the error, or one of its causes, only says that the request had no time left for the database. */
export function isWaitSpent(error: unknown): boolean {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++)
    if (spent.has(link)) return true;
  return false;
}

function ignore(): void {}
