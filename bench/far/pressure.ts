import { setTimeout as sleep } from 'node:timers/promises';
import { type Fixtures, PASSWORD } from '../fixtures.ts';
import type { Server } from '../servers.ts';

export interface PressureOptions {
  clients: number;
  seconds: number;
  /** How many of 100 requests log in, at most 20. */
  logins: number;
}

export interface Pressure {
  per_second: number;
  /** Answers other than 2xx, such as a 503 of a pool that is busy. */
  refused: number;
}

/** The first requests are not counted: connections open, and the first logins wait for their hashes. */
const WARM_UP_MS = 3000;
const READS = 0.8;

/** How many requests of many clients pass in a second: 80 of 100 read, some log in, the others write. */
export async function measurePressure(
  { url }: Pick<Server, 'url'>,
  fixtures: Fixtures,
  { clients, seconds, logins }: PressureOptions,
): Promise<Pressure> {
  const { signal, abort } = stoppable();
  let passed = 0;
  let refused = 0;
  const client = async (number: number): Promise<void> => {
    for (let round = number; !signal.aborted; round++) {
      const { path, init } = requestOf(fixtures, { number, round, logins });
      const response = await fetch(url + path, init);
      await response.arrayBuffer();
      if (response.status < 300) passed++;
      else refused++;
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  await sleep(WARM_UP_MS);
  [passed, refused] = [0, 0];
  const began = performance.now();
  await sleep(seconds * 1000);
  const measured = { per_second: (passed / (performance.now() - began)) * 1000, refused };
  abort();
  await running;
  return measured;
}

function stoppable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function requestOf(
  { access_tokens, subjects }: Fixtures,
  { number, round, logins }: { number: number; round: number; logins: number },
): { path: string; init: RequestInit } {
  const user = number % subjects.length;
  const headers = { authorization: `Bearer ${access_tokens[user]}`, 'content-type': 'application/json' };
  const draw = Math.random();
  if (draw < READS) return { path: round % 2 === 0 ? '/auth/me' : '/kit-notes', init: { headers } };
  if (draw < 1 - logins / 100)
    return round % 2 === 0
      ? write('POST', '/kit-notes', { title: 'far' })
      : write('PATCH', '/auth/me', { name: `Ada ${round}` });
  return write('POST', '/auth/login', { email: subjects[user]?.email, password: PASSWORD });

  function write(method: string, path: string, body: object): { path: string; init: RequestInit } {
    return { path, init: { method, headers, body: JSON.stringify(body) } };
  }
}
