import { AsyncLocalStorage } from 'node:async_hooks';
import { clientShare } from '../utils/client-networks.ts';

const OWN_WORK = 'own work';

/** An open span. No span exists if tracing is off. */
export interface Span {
  readonly trace_id: string;
  readonly span_id: string;
  /** Starts a child span. */
  child: (name: string, details?: SpanDetails) => Span;
  /** Ends the span, with the error of the failed operation. */
  end: (outcome?: { error?: unknown; attributes?: Attributes }) => void;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanDetails {
  /** A call to another system, such as the database. */
  kind?: 'client';
  attributes?: Attributes;
}

/** Database usage of one request. */
export interface Usage {
  queries: number;
  db_ms: number;
  /** The number of open waits for the database, the start of the first one, and the total of the ended ones; see request-wait.ts. */
  waits: number;
  waiting_since: number;
  waited_ms: number;
}

export function newUsage(): Usage {
  return { queries: 0, db_ms: 0, waits: 0, waiting_since: 0, waited_ms: 0 };
}

/** The trace of one request: its database usage and its open span. */
export interface Trace {
  /** The address of the client; work of different networks takes turns. */
  readonly ip?: string;
  readonly usage: Usage;
  readonly span: Span | undefined;
  /** Others wait for this work with what they hold: its statements come first in the line for a connection. */
  readonly is_awaited?: boolean;
  /** Its statement stands alone and waits for no lock for long: it may share a connection with reads. */
  readonly is_brief?: boolean;
  /** The check of the session that an early read runs beside; until it succeeds the pool sends nothing but reads. */
  confirmed?: Promise<unknown> | undefined;
}

/** Exporter of traces and logs; see otel.ts. */
export interface Telemetry {
  /** Starts the span of a request, as a child of the caller's span if the headers name one. */
  startTrace?: (
    name: string,
    request: { headers: Readonly<Record<string, string | string[] | undefined>>; attributes: Attributes },
  ) => Span;
  /** Exports one log line. */
  exportLine?: (line: string) => void;
  /** From now on export failures are logged at intervals. */
  reportTo: (log: { warn: (fields: object, sentence: string) => void }) => void;
  /** Flushes the remaining data until a deadline. */
  close: () => Promise<void>;
}

const storage = new AsyncLocalStorage<Trace | undefined>();

/** The trace that the running code works in; `undefined` in the background. */
export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** The network that the running code works for, as queues that are fair among networks count it; the process's own work is one too. */
export function currentShare(): string {
  return shareOf(currentTrace()?.ip);
}

/** The network of an address, or the process's own work. */
export function shareOf(ip: string | undefined): string {
  return ip === undefined ? OWN_WORK : clientShare(ip);
}

/** Runs `work` and its continuations in a trace; `undefined` detaches work that outlives the request. */
export function inTrace<T>(trace: Trace | undefined, work: () => T): T {
  return storage.run(trace, work);
}

/** Gives a request its whole time to wait for the database again: for work in batches, each of which is short. */
export function renewWait(trace: Trace | undefined): void {
  if (trace !== undefined) trace.usage.waited_ms = 0;
}

/** Charges a shared query to every request that waited for it; the pool charges the request that sent it. */
export function chargeShared(waited: readonly { trace: Trace | undefined }[], tookMs: number): void {
  for (const { trace } of waited) {
    if (trace === undefined) continue;
    trace.usage.queries++;
    trace.usage.db_ms += tookMs;
  }
}

/**
 * Runs `work` in a child span: `inSpan('orders.price', () => priceOf(order))`. The one door through which services join
 * the trace; without tracing it only runs `work`.
 */
export function inSpan<T>(name: string, work: () => T): T {
  const trace = storage.getStore();
  if (trace?.span === undefined) return work();
  const span = trace.span.child(name);
  return ended(span, () => storage.run({ ...trace, span }, work));
}

function ended<T>(span: Span, work: () => T): T {
  try {
    const result = work();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    result.then(
      () => span.end(),
      (error: unknown) => span.end({ error }),
    );
    return result;
  } catch (error) {
    span.end({ error });
    throw error;
  }
}
