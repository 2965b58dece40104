import autocannon from 'autocannon';

/** What one connection sends, again and again. */
export type Requests = readonly autocannon.Request[];

export interface LoadOptions {
  url: string;
  connections: number;
  /** The requests of one connection, by its number among them all. */
  requests: (connection: number, connections: number) => Requests;
  /** How long to measure, after a warm-up of a fifth of it. */
  seconds?: number;
  /** How many requests to send instead. */
  amount?: number;
}

export interface Measurement {
  /** Good answers a second. */
  rate: number;
  p50_ms: number;
  p99_ms: number;
  /** Good answers in all, those of the warm-up included. */
  answers: number;
}

export const WARM_UP_SHARE = 0.2;

/** Drives a server over keep-alive connections that each send the next request when the last one is answered. Rejects if any answer is not 2xx. */
export async function measure({ url, connections, requests, seconds = 0, amount }: LoadOptions): Promise<Measurement> {
  let connection = 0;
  const answers: { at: number; ms: number }[] = [];
  const failed: Record<number, number> = {};
  let started = performance.now();
  const options = {
    url,
    connections,
    timeout: 60,
    sampleInt: 100,
    setupClient: (client: autocannon.Client) => client.setRequests([...requests(connection++, connections)]),
    ...(amount === undefined ? { duration: seconds * (1 + WARM_UP_SHARE) } : { amount }),
  };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
    instance.on('start', () => {
      started = performance.now();
    });
    instance.on('response', (_client, status, _bytes, ms) => {
      if (status >= 300) failed[status] = (failed[status] ?? 0) + 1;
      else answers.push({ at: performance.now(), ms });
    });
  });
  if (Object.keys(failed).length > 0 || result.errors > 0)
    throw new Error(`${url} did not stand the load: ${JSON.stringify({ statuses: failed, errors: result.errors })}`);
  const from = amount === undefined ? started + seconds * WARM_UP_SHARE * 1000 : started;
  return {
    ...summaryOf(
      answers.filter(({ at }) => at >= from),
      from,
    ),
    answers: answers.length,
  };
}

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** The rate since a time, and how long answers took. */
export function summaryOf(answers: readonly { at: number; ms: number }[], from: number): Omit<Measurement, 'answers'> {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const seconds = ((answers.at(-1)?.at ?? Number.NaN) - from) / 1000;
  return { rate: answers.length / seconds, p50_ms: percentile(sorted, 0.5), p99_ms: percentile(sorted, 0.99) };
}
