import { afterAll, beforeAll, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

/** STATEMENT_TIMEOUT_SECONDS, the time that the answer needs beyond it, and a slow machine. */
const WITHIN_MS = 7000;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let proxy: TcpProxy;
let served: ServedApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startTcpProxy(Number(new URL(database.url).port));
  served = await serveApp(proxy.before(database.url), { RATE_LIMITS: 'true' });
});
afterAll(async () => {
  await proxy?.pass();
  await served?.stop();
  await proxy?.close();
  await database?.drop();
});

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(served.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

it('while nothing comes through to the database, a registration is refused within one deadline', async () => {
  await refusedInTime('/auth/register');
}, 60_000);

it('while nothing comes through to the database, a login is refused within one deadline', async () => {
  await refusedInTime('/auth/login');
}, 60_000);

async function refusedInTime(path: string): Promise<void> {
  const credentials = { email: `stuck${path.length}@example.com`, password: PASSWORD };
  expect((await post('/auth/register', { ...credentials, email: `first-${credentials.email}` })).status).toBe(201);
  proxy.stall();
  const began = performance.now();
  const response = await post(path, credentials);
  const tookMs = performance.now() - began;
  await proxy.pass();
  expect(response.status).toBe(503);
  expect(tookMs).toBeLessThan(WITHIN_MS);
}
