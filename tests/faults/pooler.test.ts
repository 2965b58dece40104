import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { startTraffic } from '../helpers/fault-traffic.ts';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const SETTINGS = { ...SHORT_DEADLINES, DATABASE_POOLER: 'transaction' };

if (pgbouncerProgram === undefined) {
  describe('PgBouncer', () => it.skip('recovers (skipped: pgbouncer is not installed)'));
} else {
  describe('while clients register, write and read, PgBouncer', faults);
}

function faults(): void {
  let pooler: Pgbouncer;
  /** Stands before it, to count who comes. */
  let proxy: TcpProxy;
  const scene = openFaultScene({
    serve: async ({ url }, atEnd) => {
      pooler = await startPgbouncer(url, { server_login_retry: 1 });
      atEnd.defer(pooler.stop);
      proxy = await startTcpProxy(pooler.port);
      atEnd.defer(proxy.close);
      return serveApp(proxy.before(url), SETTINGS);
    },
  });

  it('is restarted', async () => {
    await pooler.restart();
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('pauses for longer than the deadlines and resumes', async () => {
    await pooler.command('pause');
    await scene.untilRefused('ready', 'read', 'write');
    await pooler.command('resume');
    await expectRecovery(scene);
  });

  it('pauses for a moment and resumes: nobody is refused', async () => {
    await pooler.command('pause');
    await sleep(200);
    await pooler.command('resume');
    await expectRecovery({ ...scene, is_felt: false });
    expect(scene.traffic.answers.filter(({ status }) => status === 503)).toEqual([]);
  });

  it('takes new server connections for the old ones: nobody is refused', async () => {
    await pooler.command('reconnect');
    await sleep(300);
    await expectRecovery({ ...scene, is_felt: false });
    expect(scene.traffic.answers.filter(({ status }) => status === 503)).toEqual([]);
  });

  it('drops all clients and lets none in until it resumes', async () => {
    await pooler.command('kill faults');
    await scene.untilRefused('ready', 'read', 'write');
    await pooler.command('resume faults');
    await expectRecovery(scene);
  });

  it('loses its server and finds it again: clients that it lets in all the same are no storm of logins', async () => {
    await scene.postgres.stop('immediate');
    await scene.untilRefused('ready', 'read', 'write');
    const before = proxy.accepted;
    await sleep(3000);
    expect(proxy.accepted - before).toBeLessThanOrEqual(4);
    await scene.postgres.start();
    await expectRecovery(scene);
  });

  it('has room for few clients: requests are served by those that are in, without a storm of logins', async () => {
    const { postgres } = scene;
    await scene.traffic.stop();
    const small = await startPgbouncer(postgres.url, { max_client_conn: 3 });
    onTestFinished(small.stop);
    const proxy = await startTcpProxy(small.port);
    onTestFinished(proxy.close);
    const crowded = await serveApp(proxy.before(postgres.url), SETTINGS);
    onTestFinished(async () => void (await crowded.stop()));
    scene.traffic = await startTraffic(crowded.url);
    await sleep(1000);
    const before = proxy.accepted;
    const since = performance.now();
    await sleep(2000);
    expect(proxy.accepted - before).toBeLessThanOrEqual(4);
    const served = scene.traffic.answers.filter(
      ({ what, status, at }) => what === 'read' && status === 200 && at > since,
    );
    expect(served.length).toBeGreaterThan(0);
    await expectRecovery({ ...scene, app: crowded, is_felt: false });
  });
}
