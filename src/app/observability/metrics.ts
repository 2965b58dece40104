import { productLimits, productMetrics } from '../product.ts';
import {
  type CounterDeclaration,
  counter,
  type Declaration,
  gauge,
  type HistogramDeclaration,
  histogram,
  SECONDS,
} from './declarations.ts';

// The keys of a constant are those of its type.
const OWN_LIMITS = Object.keys(productLimits) as (keyof typeof productLimits)[];

/** The metrics of the services, by their Prometheus names; the product's follow. */
export const METRICS = {
  logins_total: counter('Logins by password, mail and passkey', 'outcome', [
    'succeeded',
    'challenged',
    'failed',
    'refused',
  ]),
  registrations_total: counter('Registrations', 'outcome', ['succeeded', 'refused']),
  refreshes_total: counter('Refresh tokens brought', 'outcome', ['rotated', 'repeated', 'reused', 'refused']),
  rate_limit_refusals_total: counter('Requests refused because a limit was met', 'policy', [
    'login-ip',
    'login-account',
    'login-failures-in-a-row',
    'session-proof',
    'register-ip',
    'refresh-ip',
    'writes',
    'route',
    'factors',
    'mails-ip',
    'mails-kind',
    'mails-mailbox',
    'uploads',
    ...OWN_LIMITS,
  ]),
  rate_limit_store_failures_total: counter('Times that the limits’ store did not answer', 'store', ['shared']),
  password_hash_refusals_total: counter(
    'Passwords not hashed: too many waited, or one hash takes more memory than all may',
    'reason',
    ['busy', 'memory'],
  ),
  password_hash_duration_seconds: histogram('Time that a password’s hash or verification took once it ran', SECONDS),
  session_lookup_batch_size: histogram('Sessions that one query looked up', [1, 2, 4, 8, 16, 32, 64, 128, 256, 500]),
  db_query_duration_seconds: histogram('Time from a statement’s sending to its answer', SECONDS),
  removal_batches_total: counter('Batches of rows of closed accounts and ended sessions', 'outcome', [
    'removed',
    'failed',
  ]),
  removals_waiting: gauge('Users whose rows wait for their removal, when this process looked last'),
  mails_total: counter('Mails handed to the mail server', 'outcome', ['sent', 'deferred', 'rejected']),
  mail_duration_seconds: histogram('Time until the mail server took or refused a mail', SECONDS),
  audit_upkeep_runs_total: counter('PeriodicTask of the audit table’s upkeep', 'outcome', [
    'succeeded',
    'busy',
    'failed',
  ]),
  audit_upkeep_last_success_timestamp_seconds: gauge('When the audit table was last kept up; 0: not since the start'),
  jobs_pending: gauge('Jobs of the database that wait'),
  jobs_dead: gauge('Jobs of the database that were given up'),
  jobs_oldest_due_seconds: gauge('How long the job that waits longest is past its time'),
  ...productMetrics,
} satisfies Record<string, Declaration>;

type Declared = typeof METRICS;

/** A counter, by the value of its label. */
export interface Counter<Value extends string> {
  readonly values: Readonly<Record<Value, number>>;
  inc: (value: Value) => void;
}

/** The metrics of one process since its start. */
export type Metrics = {
  readonly [Name in keyof Declared]: Declared[Name] extends CounterDeclaration<infer Value>
    ? Counter<Value>
    : Declared[Name] extends HistogramDeclaration
      ? Histogram
      : Gauge;
};

/** Creates every declared metric at zero; one set per application. */
export function createMetrics(): Metrics {
  const made = Object.entries(METRICS).map(([name, declaration]) => [name, empty(declaration)]);
  // Every name is made by its own declaration, which is what the type says.
  return Object.fromEntries(made) as Metrics;
}

/** The number of observations in each bucket, and their sum. */
export class Histogram {
  readonly upperBounds: readonly number[];
  /** One more than the upper bounds: the last one counts what exceeds them all. */
  readonly buckets: number[];
  sum = 0;

  constructor(upperBounds: readonly number[]) {
    this.upperBounds = upperBounds;
    this.buckets = new Array(upperBounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { upperBounds, buckets } = this;
    let index = 0;
    // NaN compares as false and falls into the first bucket.
    while (index < upperBounds.length && value > (upperBounds[index] ?? 0)) index++;
    buckets[index] = (buckets[index] ?? 0) + 1;
    this.sum += value;
  }
}

/** One value that is set. */
export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }
}

function empty(declaration: Declaration): Counter<string> | Histogram | Gauge {
  if (declaration.type === 'histogram') return new Histogram(declaration.buckets);
  if (declaration.type === 'gauge') return new Gauge();
  const values = Object.fromEntries(declaration.values.map((value) => [value, 0]));
  return {
    values,
    inc: (value) => {
      values[value] = (values[value] ?? 0) + 1;
    },
  };
}
