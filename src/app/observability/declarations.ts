/** A counter with one label; every value of the label is declared, so that its series exists from the start. */
export interface CounterDeclaration<Value extends string = string> {
  type: 'counter';
  help: string;
  label: string;
  values: readonly Value[];
}

/** A distribution of one quantity; `buckets` are the upper bounds of its buckets, ascending. */
export interface HistogramDeclaration {
  type: 'histogram';
  help: string;
  buckets: readonly number[];
}

/** A value that is set, such as a time; the aggregate over several processes is the greatest one. */
export interface GaugeDeclaration {
  type: 'gauge';
  help: string;
}

export type Declaration = CounterDeclaration | HistogramDeclaration | GaugeDeclaration;

/** Buckets in seconds, from 1 ms to 10 s: for requests, statements and hashes. */
export const SECONDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Declares a counter. */
export function counter<const Value extends string>(
  help: string,
  label: string,
  values: readonly Value[],
): CounterDeclaration<Value> {
  return { type: 'counter', help, label, values };
}

/** Declares a histogram. */
export function histogram(help: string, buckets: readonly number[]): HistogramDeclaration {
  return { type: 'histogram', help, buckets };
}

/** Declares a gauge. */
export function gauge(help: string): GaugeDeclaration {
  return { type: 'gauge', help };
}
