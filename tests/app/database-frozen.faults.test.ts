import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const WARM_UP_MS = 500;

let postgres: OwnPostgres;
let proxy: TcpProxy;
let app: ServedApp;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  proxy = await startTcpProxy(postgres.port);
  app = await serveApp(proxy.before(postgres.url), SHORT_DEADLINES);
});
afterAll(async () => {
  await app?.stop();
  await proxy?.close();
  await postgres?.remove();
});

describe('while clients register, write and read, the database', () => {
  let traffic: Traffic;

  beforeEach(async () => {
    await proxy.pass();
    traffic = await startTraffic(app.url);
    await sleep(WARM_UP_MS);
  });
  afterEach(() => traffic?.stop());

  /** Waits until the clients have been refused for a while, so that the deadlines have passed for all of them. */
  async function untilRefused(): Promise<void> {
    const isRefused = (who: string): boolean =>
      traffic.answers.some(({ what, status }) => what === who && status === 503);
    while (!isRefused('read') || !isRefused('ready')) await sleep(10);
    await sleep(500);
  }

  it('freezes and goes on: nobody waits beyond the deadlines, and no connection goes on with an old answer under way', async () => {
    const thaw = postgres.freeze();
    onTestFinished(thaw);
    await untilRefused();
    expect(await app.metric('db_pool_waiting')).toBeLessThan(100);
    thaw();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('answers late, all at once', async () => {
    proxy.stall();
    await untilRefused();
    await proxy.pass();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });
});
