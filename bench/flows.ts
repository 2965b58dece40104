import { type Measurement, summaryOf, WARM_UP_SHARE } from './load.ts';

export interface FlowOptions {
  /** How many clients there are; each begins its next flow when the last one is over. */
  connections: number;
  /** Carries a flow out, by its number among them all; rejects if an answer is not as it should be. */
  flow: (number: number) => Promise<void>;
  /** How long to measure, after a warm-up of a fifth of it. */
  seconds?: number;
  /** How many flows to carry out instead. */
  amount?: number;
}

/** What one request of a flow sends. */
export interface Sent {
  method?: 'GET' | 'POST';
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** Measures what takes several requests, such as a login with a second factor: a flow counts as one answer. */
export async function measureFlows({ connections, flow, seconds = 0, amount }: FlowOptions): Promise<Measurement> {
  const began = performance.now();
  const from = amount === undefined ? began + seconds * WARM_UP_SHARE * 1000 : began;
  const until = amount === undefined ? from + seconds * 1000 : Number.POSITIVE_INFINITY;
  const done: { at: number; ms: number }[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < (amount ?? Number.POSITIVE_INFINITY) && performance.now() < until) {
      const sent = performance.now();
      await flow(next++);
      const at = performance.now();
      done.push({ at, ms: at - sent });
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const counted = done.filter(({ at }) => at >= from);
  return { ...summaryOf(counted, from), answers: done.length };
}

/** Sends one request of a flow; rejects if the answer has another status. */
export async function sendStep(
  address: string,
  status: number,
  { method = 'POST', body, headers }: Sent,
): Promise<{ json: Record<string, unknown>; cookie: string }> {
  const response = await fetch(address, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${address}: ${response.status} ${text.slice(0, 300)}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  return { json: JSON.parse(text), cookie: cookie.join('; ') };
}
