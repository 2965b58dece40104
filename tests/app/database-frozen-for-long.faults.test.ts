import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

/** Five seconds for a connection, five and one for a statement, and some more. */
const FROZEN_MS = 13_000;

let postgres: OwnPostgres;
let app: ServedApp;
let traffic: Traffic | undefined;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  app = await serveApp(postgres.url);
});
afterEach(() => traffic?.stop());
afterAll(async () => {
  await app?.stop();
  await postgres?.remove();
});

it('a database that is frozen for longer than all deadlines together, as they are by default, keeps no request and is found again', async () => {
  traffic = await startTraffic(app.url);
  await sleep(500);
  const thaw = postgres.freeze();
  onTestFinished(thaw);
  await sleep(FROZEN_MS);
  const refused = traffic.answers.filter(({ status }) => status === 503);
  for (const who of ['read', 'write', 'register', 'refresh', 'ready'])
    expect(refused.filter(({ what }) => what === who).length, `${who} is refused in time`).toBeGreaterThan(0);
  expect(await app.metric('db_pool_waiting')).toBeLessThan(100);
  thaw();
  await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
});
