import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, inTransaction } from '../../src/app/database.ts';
import { testConfig } from '../helpers/api.ts';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
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

  it('falls silent for a while, as behind a dead router', async () => {
    proxy.drop();
    await untilRefused();
    await proxy.pass();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('moves to another address while the old one is silent', async () => {
    const other = await startTcpProxy(postgres.port);
    onTestFinished(other.close);
    onTestFinished(() => proxy.leadTo(postgres.port));
    proxy.leadTo(other.port);
    await eventually('a client meets the silence', async () => traffic.answers.some(({ status }) => status === 503));
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });

  it('refuses connections for a while', async () => {
    await proxy.refuse();
    await untilRefused();
    await proxy.pass();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });
});

describe('a silent database', () => {
  it('does not keep the process from its orderly end', async () => {
    const ending = await serveApp(proxy.before(postgres.url), SHORT_DEADLINES);
    expect((await fetch(`${ending.url}/health/ready`)).status).toBe(200);
    proxy.drop();
    onTestFinished(proxy.pass);
    expect(await ending.stop()).toBe(0);
  });

  it('that answers no begin has a transaction run on another connection, once', async () => {
    const { db, pool } = createDatabase(testConfig(proxy.before(postgres.url), SHORT_DEADLINES), { warn: () => {} });
    onTestFinished(() => pool.end());
    await db.execute(sql`select 1`);
    proxy.leadTo(postgres.port);
    let runs = 0;
    const answer = await inTransaction({ db }, async ({ db }) => {
      runs++;
      return db.execute<{ one: number }>(sql`select 1 as one`);
    });
    expect([answer.rows, runs]).toEqual([[{ one: 1 }], 1]);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });
});
