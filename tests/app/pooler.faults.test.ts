import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy } from '../helpers/tcp-proxy.ts';

const WARM_UP_MS = 400;
const SETTINGS = { ...SHORT_DEADLINES, DATABASE_POOLER: 'transaction' };

if (pgbouncerProgram === undefined) {
  describe('PgBouncer', () => it.skip('recovers (skipped: pgbouncer is not installed)'));
} else {
  describe('while clients register, write and read, PgBouncer', faults);
}

function faults(): void {
  let postgres: OwnPostgres;
  let pooler: Pgbouncer;
  let app: ServedApp;
  let traffic: Traffic;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
    pooler = await startPgbouncer(postgres.url, { server_login_retry: 1 });
    app = await serveApp(pooler.url, SETTINGS);
  });
  beforeEach(async () => {
    traffic = await startTraffic(app.url);
    await sleep(WARM_UP_MS);
  });
  afterEach(() => traffic?.stop());
  afterAll(async () => {
    await app?.stop();
    await pooler?.stop();
    await postgres?.remove();
  });

  async function untilRefused(...who: string[]): Promise<void> {
    for (const one of who)
      await eventually(`${one} is refused`, async () =>
        traffic.answers.some(({ what, status }) => what === one && status === 503),
      );
  }

  it('is restarted', async () => {
    await pooler.restart();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });

  it('pauses for longer than the deadlines and resumes', async () => {
    await pooler.command('pause');
    await untilRefused('ready', 'read', 'write');
    await pooler.command('resume');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('pauses for a moment and resumes: nobody is refused', async () => {
    await pooler.command('pause');
    await sleep(200);
    await pooler.command('resume');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
    expect(traffic.answers.filter(({ status }) => status === 503)).toEqual([]);
  });

  it('takes new server connections for the old ones: nobody is refused', async () => {
    await pooler.command('reconnect');
    await sleep(300);
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
    expect(traffic.answers.filter(({ status }) => status === 503)).toEqual([]);
  });

  it('drops all clients and lets none in until it resumes', async () => {
    await pooler.command('kill faults');
    await untilRefused('ready', 'read', 'write');
    await pooler.command('resume faults');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('loses its server, answers every login with no, and finds the server again', async () => {
    await postgres.stop('immediate');
    await untilRefused('ready', 'read', 'write');
    await sleep(500);
    await postgres.start();
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('has room for few clients: requests are served by those that are in, without a storm of logins', async () => {
    await traffic.stop();
    const small = await startPgbouncer(postgres.url, { max_client_conn: 3 });
    onTestFinished(small.stop);
    const proxy = await startTcpProxy(small.port);
    onTestFinished(proxy.close);
    const crowded = await serveApp(proxy.before(postgres.url), SETTINGS);
    onTestFinished(async () => void (await crowded.stop()));
    traffic = await startTraffic(crowded.url);
    await sleep(1000);
    const before = proxy.accepted;
    const since = performance.now();
    await sleep(2000);
    expect(proxy.accepted - before).toBeLessThanOrEqual(4);
    const served = traffic.answers.filter(({ what, status, at }) => what === 'read' && status === 200 && at > since);
    expect(served.length).toBeGreaterThan(0);
    await expectRecovery({ app: crowded, postgres, traffic, back_at: performance.now(), is_felt: false });
  });
}
