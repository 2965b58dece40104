import type { Registry } from 'prom-client';
import { type Declaration, type Distribution, Last, TALLIES, type Tally } from './metrics.ts';

/** One value of a metric. */
export interface Reading {
  labels: Readonly<Record<string, string | number>>;
  value: number;
}

interface Exposed<T> {
  help: string;
  /** Called whenever somebody asks. */
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
export function exposeDistributions(
  registry: Registry,
  name: string,
  { help, read }: Exposed<{ labels: Reading['labels']; distribution: Distribution }>,
): void {
  register(registry, { name, help, type: 'histogram', aggregator: 'sum' }, () =>
    [...read()].flatMap(({ labels, distribution }) => bucketsOf(name, labels, distribution)),
  );
}

/** Shows everything that is declared in TALLIES, from the start with zeros: what has not happened is no gap. */
export function exposeTally(registry: Registry, tally: Tally): void {
  for (const [name, declaration] of Object.entries<Declaration>(TALLIES)) {
    const { help } = declaration;
    // The name is one of TALLIES; what stands under it in the tally is told apart below.
    const counted = tally[name as keyof Tally];
    if (counted instanceof Last) {
      const read = (): Reading[] => [{ labels: {}, value: counted.value }];
      register(registry, { name, help, type: 'gauge', aggregator: 'max' }, read);
    } else if ('counts' in counted && declaration.type === 'counter') {
      const { label } = declaration;
      const read = (): Reading[] =>
        Object.entries(counted.counts).map(([value, count]) => ({ labels: { [label]: value }, value: count }));
      exposeCounter(registry, name, { help, read });
    } else if ('bounds' in counted) {
      exposeDistributions(registry, name, { help, read: () => [{ labels: {}, distribution: counted }] });
    }
  }
}

function bucketsOf(name: string, labels: Reading['labels'], { bounds, buckets, sum }: Distribution): NamedReading[] {
  let count = 0;
  const cumulative = buckets.map((inBucket, index) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', ...labels }, value: count };
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
