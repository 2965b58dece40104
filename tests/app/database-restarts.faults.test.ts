import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

/** How long the clients work before something happens to the database. */
const WARM_UP_MS = 500;

let postgres: OwnPostgres;
let app: ServedApp;
let traffic: Traffic;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  app = await serveApp(postgres.url);
});
beforeEach(async () => {
  traffic = await startTraffic(app.url);
  await sleep(WARM_UP_MS);
});
afterEach(() => traffic?.stop());
afterAll(async () => {
  await app?.stop();
  await postgres?.remove();
});

function failed(): number {
  return traffic.answers.filter(({ status, what }) => status === 503 && what !== 'ready').length;
}

/** Waits until the clients notice that the database is away. */
async function untilFelt(): Promise<void> {
  while (!traffic.answers.some(({ what, status }) => what === 'ready' && status === 503)) await sleep(10);
}

describe('while clients register, write and read, the database', () => {
  it('is killed and started again', async () => {
    await postgres.crash();
    await untilFelt();
    await postgres.start();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('crashes on purpose and is started again', async () => {
    await postgres.stop('immediate');
    await untilFelt();
    await postgres.start();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('is restarted in order', async () => {
    await postgres.stop('fast');
    await untilFelt();
    await postgres.start();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('loses one backend to SIGKILL, ends all others and recovers by itself', async () => {
    const [backend] = await postgres.sql<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'back-api' limit 1`,
    );
    process.kill(backend?.pid ?? 0, 'SIGKILL');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });

  it('ends every connection of the application: each statement in flight fails at most once', async () => {
    const ended = await postgres.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'back-api'`,
    );
    await sleep(300);
    expect(failed()).toBeLessThanOrEqual(ended.length);
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });
});

describe('while nobody asks anything, the database', () => {
  it('ends every idle connection: the next requests meet living ones, and the log says what was lost', async () => {
    await traffic.stop();
    const ended = await postgres.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'back-api'`,
    );
    expect(ended.length).toBeGreaterThan(0);
    traffic = await startTraffic(app.url);
    await sleep(300);
    expect(failed()).toBe(0);
    expect(app.logs().filter(({ event }) => event === 'database.connection_lost').length).toBeGreaterThan(0);
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });
});
