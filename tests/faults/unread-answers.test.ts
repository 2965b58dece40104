import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { send } from '../helpers/fault-traffic.ts';
import { isFullForm } from '../helpers/full-form.ts';
import { limitMemory, type MemoryLimit } from '../helpers/memory-limit.ts';
import { type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { residentMegabytes } from '../helpers/processes.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';
import { casesOf } from '../helpers/short-form.ts';

/** What deploy/ gives a replica. */
const CONTAINER_MB = 512;
const ATTACK_MS = 5000;
const PROBE_EVERY_MS = 100;
/** The marks of a machine that has nothing else to do; one that runs other tests beside is given more time, and a tenth of the connections. */
const TENTHS = isFullForm ? 10 : 1;
const MAX_HEALTH_MS = isFullForm ? 1000 : 15_000;
const MAX_LOGIN_MS = isFullForm ? 2000 : 15_000;
const CREDENTIALS = { email: 'busy@example.com', password: PASSWORD };
const LONG_TEXT = 'd'.repeat(9000);

const canLimit = await (async (limit) => {
  await limit?.remove();
  return limit !== undefined;
})(limitMemory(64));

const sockets: Socket[] = [];
let limit: MemoryLimit;
let postgres: OwnPostgres;
let app: ServedApp;
let token: string;

/** A connection whose answers nobody reads; it never ends by itself. */
async function open(): Promise<Socket> {
  const socket = connect({ port: app.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  socket.on('error', () => {});
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), new Promise((resolve) => socket.once('close', resolve))]);
  socket.pause();
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;

async function pipeline(path: string, { connections, requests }: { connections: number; requests: number }) {
  const all = await Promise.all(Array.from({ length: connections }, open));
  for (const socket of all) socket.write(get(path).repeat(requests));
}

async function ranges(connections: number): Promise<void> {
  const all = await Promise.all(Array.from({ length: connections }, open));
  const ranged = get('/docs/static/swagger-ui-bundle.js').replace('\r\n\r\n', '\r\nRange: bytes=0-\r\n\r\n');
  for (const socket of all) socket.write(ranged.repeat(20));
}

const ATTACKS: Record<string, () => Promise<unknown>> = {
  'a large file a thousand times on ten connections': () =>
    pipeline('/redoc/redoc.standalone.js', { connections: 10, requests: 1000 }),
  'the metrics 900 times on ten connections': () => pipeline('/metrics', { connections: 10, requests: 900 }),
  'large pages 130 times on ten connections': () =>
    pipeline('/kit-notes?limit=100', { connections: 10, requests: 130 }),
  'a large page on each of many connections': () =>
    pipeline('/kit-notes?limit=100', { connections: 60 * TENTHS, requests: 1 }),
  'files 600 times on four connections': () =>
    pipeline('/docs/static/swagger-ui-bundle.js', { connections: 4, requests: 600 }),
  'ranges of a file on 300 connections': () => ranges(300),
  'bodies that are never finished on 1,000 connections': async () => {
    const all = await Promise.all(Array.from({ length: 1000 }, open));
    const head = `POST /kit-notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
    for (const socket of all) socket.write(head + ' '.repeat(99_000));
  },
  'large pages, ranges and the metrics at the same time': () =>
    Promise.all([
      pipeline('/kit-notes?limit=100', { connections: 60 * TENTHS, requests: 1 }),
      ranges(30 * TENTHS),
      pipeline('/metrics', { connections: TENTHS, requests: 900 }),
    ]),
  'tiny requests, more than can wait, on 40 connections': () =>
    pipeline('/health/live', { connections: 40, requests: 5000 }),
};

beforeAll(async () => {
  if (!canLimit) return;
  postgres = await startOwnPostgres();
  const app = await serveApp(postgres.url);
  const { text } = await send('register', `${app.url}/auth/register`, { body: CREDENTIALS });
  token = (JSON.parse(text) as { access_token: string }).access_token;
  await app.stop();
  await postgres.sql(
    `insert into kit_notes (id, owner_id, title, description)
     select gen_random_uuid(), (select id from users), 'long', '${LONG_TEXT}' from generate_series(1, 100)`,
  );
});

// A server of its own for each attack: what one leaves in the heap is no fault of the next.
beforeEach(async () => {
  limit = limitMemory(CONTAINER_MB) ?? expect.fail();
  app = await serveApp(postgres.url, {}, { command: limit.command });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app?.stop();
  await limit?.remove();
});

afterAll(async () => {
  await postgres?.remove();
});

/** The longest answer time in milliseconds of calls made again and again for a while; each must succeed. */
async function slowest(
  call: () => Promise<{ status: number; text: string }>,
  { everyMs, allowed }: { everyMs: number; allowed: readonly number[] },
): Promise<number> {
  let longest = 0;
  for (const until = performance.now() + ATTACK_MS; performance.now() < until; await sleep(everyMs)) {
    const started = performance.now();
    const { status, text } = await call();
    expect(allowed, text).toContain(status);
    longest = Math.max(longest, performance.now() - started);
  }
  return longest;
}

describe.skipIf(!canLimit)(
  `in ${CONTAINER_MB} MB${canLimit ? '' : ' (skipped: it takes the right to make a control group for memory)'} a server whose clients read nothing`,
  () => {
    it.each(casesOf(Object.entries(ATTACKS), 3))(
      'is asked for %s: it lives within its memory, and serves the others',
      async (_what, attack) => {
        const attacking = attack();
        const [health, login] = await Promise.all([
          slowest(() => send('live', `${app.url}/health/live`), { everyMs: PROBE_EVERY_MS, allowed: [200] }),
          slowest(() => send('login', `${app.url}/auth/login`, { body: CREDENTIALS }), {
            everyMs: 500,
            allowed: [200],
          }),
        ]);
        await attacking;
        expect(limit.kills()).toBe(0);
        expect(health).toBeLessThan(MAX_HEALTH_MS);
        expect(login).toBeLessThan(MAX_LOGIN_MS);
        expect(residentMegabytes(app.pid)).toBeLessThan(CONTAINER_MB);
        for (const socket of sockets.splice(0)) socket.destroy();
        const isFree = async (): Promise<boolean> => (await app.metric('budget_used')) <= 1;
        for (let n = 0; n < 50 && !(await isFree()); n++) await sleep(100);
        expect(await app.metric('budget_used'), 'only the scrape itself is under way').toBe(1);
      },
    );
  },
);
