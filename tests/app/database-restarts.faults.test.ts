import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { startTraffic } from '../helpers/fault-traffic.ts';

const scene = openFaultScene();

function failed(): number {
  return scene.traffic.answers.filter(({ status, what }) => status === 503 && what !== 'ready').length;
}

describe('while clients register, write and read, the database', () => {
  it('is killed and started again', async () => {
    await scene.postgres.crash();
    await scene.untilRefused('ready');
    await scene.postgres.start();
    await expectRecovery(scene);
  });

  it('crashes on purpose and is started again', async () => {
    await scene.postgres.stop('immediate');
    await scene.untilRefused('ready');
    await scene.postgres.start();
    await expectRecovery(scene);
  });

  it('is restarted in order', async () => {
    await scene.postgres.stop('fast');
    await scene.untilRefused('ready');
    await scene.postgres.start();
    await expectRecovery(scene);
  });

  it('loses one backend to SIGKILL, ends all others and recovers by itself', async () => {
    const [backend] = await scene.postgres.sql<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'back-api' limit 1`,
    );
    process.kill(backend?.pid ?? 0, 'SIGKILL');
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('ends every connection of the application: each statement in flight fails at most once', async () => {
    const ended = await scene.endConnections();
    await sleep(300);
    expect(failed()).toBeLessThanOrEqual(ended);
    await expectRecovery({ ...scene, is_felt: false });
  });
});

describe('while nobody asks anything, the database', () => {
  it('ends every idle connection: the next requests meet living ones, and the log says what was lost', async () => {
    await scene.traffic.stop();
    const ended = await scene.endConnections();
    expect(ended).toBeGreaterThan(0);
    scene.traffic = await startTraffic(scene.app.url);
    await sleep(300);
    expect(failed()).toBe(0);
    expect(scene.app.logs().filter(({ event }) => event === 'database.connection_lost').length).toBeGreaterThan(0);
    await expectRecovery({ ...scene, is_felt: false });
  });
});
