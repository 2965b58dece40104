/** A counter by one label of few values, all of them known: each is a number that goes up. */
export interface CounterDeclaration<Value extends string = string> {
  type: 'counter';
  help: string;
  label: string;
  values: readonly Value[];
}

/** A distribution of one quantity; `bounds` are the upper ends of its buckets, rising. */
export interface HistogramDeclaration {
  type: 'histogram';
  help: string;
  bounds: readonly number[];
}

/** The last value of something, such as a time; across processes the greatest counts. */
export interface LastDeclaration {
  type: 'last';
  help: string;
}

export type Declaration = CounterDeclaration | HistogramDeclaration | LastDeclaration;

/** From a millisecond to ten seconds: a request, a statement, a hash. */
export const SECONDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the services count: each name once, in Prometheus' manner, with its meaning and every value its label can have. */
export const TALLIES = {
  logins_total: counter('Logins, through /auth/login and /auth/token', 'outcome', ['succeeded', 'failed', 'refused']),
  registrations_total: counter('Registrations', 'outcome', ['succeeded', 'refused']),
  refreshes_total: counter('Refresh tokens brought', 'outcome', ['rotated', 'repeated', 'reused', 'refused']),
  rate_limit_refusals_total: counter('Requests refused because a limit was met', 'policy', [
    'login-ip',
    'login-account',
    'login-failures-in-a-row',
    'register-ip',
    'refresh-ip',
  ]),
  rate_limit_store_failures_total: counter('Times that the limits’ store did not answer', 'store', ['shared']),
  password_hash_refusals_total: counter('Passwords not hashed because too many waited', 'reason', ['busy']),
  password_hash_duration_seconds: histogram('Time that a password’s hash or verification took once it ran', SECONDS),
  session_lookup_batch_size: histogram('Sessions that one query looked up', [1, 2, 4, 8, 16, 32, 64, 128, 256, 500]),
  db_query_duration_seconds: histogram('Time from a statement’s sending to its answer', SECONDS),
  audit_upkeep_runs_total: counter('Rounds of the audit table’s upkeep', 'outcome', ['succeeded', 'failed']),
  audit_upkeep_last_success_timestamp_seconds: last('When the audit table was last kept up; 0: not since the start'),
} satisfies Record<string, Declaration>;

type Declared = typeof TALLIES;

/** Counts; with a value of its label. */
export interface Counter<Value extends string> {
  readonly counts: Readonly<Record<Value, number>>;
  add: (value: Value) => void;
}

/** Everything that one process has counted since its start. To add to it costs an addition. */
export type Tally = {
  readonly [Name in keyof Declared]: Declared[Name] extends CounterDeclaration<infer Value>
    ? Counter<Value>
    : Declared[Name] extends HistogramDeclaration
      ? Distribution
      : Last;
};

/** An empty tally; one per application. */
export function createTally(): Tally {
  const made = Object.entries(TALLIES).map(([name, declaration]) => [name, empty(declaration)]);
  // Every name is made by its own declaration, which is what the type says.
  return Object.fromEntries(made) as Tally;
}

/** How often a quantity fell into each bucket, and its sum. */
export class Distribution {
  readonly bounds: readonly number[];
  /** One more than there are bounds: the last is for what is beyond. */
  readonly buckets: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, buckets } = this;
    let index = 0;
    // A value that is none, or below all bounds, stops at the first.
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
    buckets[index] = (buckets[index] ?? 0) + 1;
    this.sum += value;
  }
}

/** One value that is set. */
export class Last {
  value = 0;

  set(value: number): void {
    this.value = value;
  }
}

function empty(declaration: Declaration): Counter<string> | Distribution | Last {
  if (declaration.type === 'histogram') return new Distribution(declaration.bounds);
  if (declaration.type === 'last') return new Last();
  const counts = Object.fromEntries(declaration.values.map((value) => [value, 0]));
  return {
    counts,
    add: (value) => {
      counts[value] = (counts[value] ?? 0) + 1;
    },
  };
}

function counter<const Value extends string>(
  help: string,
  label: string,
  values: readonly Value[],
): CounterDeclaration<Value> {
  return { type: 'counter', help, label, values };
}

function histogram(help: string, bounds: readonly number[]): HistogramDeclaration {
  return { type: 'histogram', help, bounds };
}

function last(help: string): LastDeclaration {
  return { type: 'last', help };
}
