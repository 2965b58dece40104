import { createRequire } from 'node:module';
import type { Registry } from 'prom-client';
import { later } from '../utils/later.ts';
import type { Declaration } from './declarations.ts';
import { Gauge, type Histogram, METRICS, type Metrics } from './metrics.ts';

const require = createRequire(import.meta.url);
/** The start counts, and prints nothing. */
export const promClient = later(() => require('prom-client') as typeof import('prom-client'));

/** One value of a metric. */
export interface Reading {
  labels: Readonly<Record<string, string | number>>;
  value: number;
}

interface Exposed<T> {
  help: string;
  /** Called for each scrape. */
  read: () => Iterable<T>;
}

/** How the values of several processes become one. */
type Aggregator = 'sum' | 'max';

/** Shows a number that goes up and down; those of all processes are added. */
export function exposeGauge(registry: Registry, name: string, { help, read }: Exposed<Reading>): void {
  register(registry, { name, help, type: 'gauge', aggregator: 'sum' }, () => [...read()]);
}

/** Shows a number that only goes up. */
export function exposeCounter(registry: Registry, name: string, { help, read }: Exposed<Reading>): void {
  register(registry, { name, help, type: 'counter', aggregator: 'sum' }, () => [...read()]);
}

/** Shows distributions under one name, told apart by their labels. */
export function exposeHistograms(
  registry: Registry,
  name: string,
  { help, read }: Exposed<{ labels: Reading['labels']; distribution: Histogram }>,
): void {
  register(registry, { name, help, type: 'histogram', aggregator: 'sum' }, () =>
    [...read()].flatMap(({ labels, distribution }) => bucketsOf(name, labels, distribution)),
  );
}

/** Exposes every declared metric, from the start with zeros, so that no series begins with a gap. */
export function exposeMetrics(registry: Registry, metrics: Metrics): void {
  for (const [name, declaration] of Object.entries<Declaration>(METRICS)) {
    const { help } = declaration;
    // The name is one of METRICS; the branches below narrow its kind.
    const counted = metrics[name as keyof Metrics];
    if (counted instanceof Gauge) {
      const read = (): Reading[] => [{ labels: {}, value: counted.value }];
      register(registry, { name, help, type: 'gauge', aggregator: 'max' }, read);
    } else if ('values' in counted && declaration.type === 'counter') {
      const { label } = declaration;
      const read = (): Reading[] =>
        Object.entries(counted.values).map(([value, count]) => ({ labels: { [label]: value }, value: count }));
      exposeCounter(registry, name, { help, read });
    } else if ('upperBounds' in counted) {
      exposeHistograms(registry, name, { help, read: () => [{ labels: {}, distribution: counted }] });
    }
  }
}

function bucketsOf(name: string, labels: Reading['labels'], { upperBounds, buckets, sum }: Histogram): NamedReading[] {
  let count = 0;
  const cumulative = buckets.map((inBucket, index) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { le: upperBounds[index] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...cumulative,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

interface NamedReading extends Reading {
  metricName?: string;
}

/** prom-client's own counters cannot be set and its histograms cannot be filled: it only prints and joins ours. */
function register(
  registry: Registry,
  metric: { name: string; help: string; type: 'gauge' | 'counter' | 'histogram'; aggregator: Aggregator },
  read: () => NamedReading[],
): void {
  const get = async () => ({ ...metric, values: read() });
  registry.registerMetric({ ...metric, get } as unknown as Parameters<Registry['registerMetric']>[0]);
}
