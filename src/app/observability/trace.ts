import { AsyncLocalStorage } from 'node:async_hooks';

/** A span of a trace that is under way. Without tracing there is none anywhere. */
export interface Span {
  readonly trace_id: string;
  readonly span_id: string;
  /** Begins a span beneath this one. */
  child: (name: string, details?: SpanDetails) => Span;
  /** Ends it; `error` is what it failed with. */
  end: (outcome?: { error?: unknown; attributes?: Attributes }) => void;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanDetails {
  /** Somebody else does the work and we wait for it: a database. */
  kind?: 'client';
  attributes?: Attributes;
}

/** What one request has asked of the database. */
export interface Usage {
  queries: number;
  db_ms: number;
}

/** What whoever works for a request adds to: its usage, and the span under which it works. */
export interface Scope {
  readonly usage: Usage;
  readonly span: Span | undefined;
}

/** Where traces and logs go, beyond standard output; see telemetry.ts. */
export interface Telemetry {
  /** Begins the span of a request, beneath that of the caller where its headers name one. */
  startTrace?: (
    name: string,
    request: { headers: Readonly<Record<string, string | string[] | undefined>>; attributes: Attributes },
  ) => Span;
  /** Sends one line of the log. */
  exportLine?: (line: string) => void;
  /** From now on the log says, now and then, that nothing can be sent. */
  reportTo: (log: { warn: (fields: object, sentence: string) => void }) => void;
  /** Sends what is left, for a while. */
  close: () => Promise<void>;
}

const storage = new AsyncLocalStorage<Scope | undefined>();

/** The scope that the running code works in; `undefined` in the background. */
export function currentScope(): Scope | undefined {
  return storage.getStore();
}

/** Runs `work`, and whatever follows from it, in a scope; in none where that is `undefined`, for what outlives the request. */
export function inScope<T>(scope: Scope | undefined, work: () => T): T {
  return storage.run(scope, work);
}

/** Who waited for a query that others asked had it too; the one that asked for all of them is charged by the pool. */
export function chargeShared(waited: readonly { scope: Scope | undefined }[], took_ms: number): void {
  for (const { scope } of waited) {
    if (scope === undefined) continue;
    scope.usage.queries++;
    scope.usage.db_ms += took_ms;
  }
}

/** Runs `work` in a span of its own beneath the present one; without tracing just runs it. */
export function inSpan<T>(name: string, work: () => T): T {
  const scope = storage.getStore();
  if (scope?.span === undefined) return work();
  const span = scope.span.child(name);
  return ended(span, () => storage.run({ usage: scope.usage, span }, work));
}

/** The same functions, each in a span `name.function` whenever it is called. */
export function traced<Functions extends object>(name: string, functions: Functions): Functions {
  const wrapped = Object.entries(functions).map(([key, value]) => [
    key,
    typeof value === 'function' ? inSpans(`${name}.${key}`, value) : value,
  ]);
  // Every key keeps a function of the same arguments and result.
  return Object.fromEntries(wrapped) as Functions;
}

type AnyFunction = (...args: unknown[]) => unknown;

function inSpans(name: string, call: AnyFunction): AnyFunction {
  return (...args) => inSpan(name, () => call(...args));
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
