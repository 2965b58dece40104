import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { expectRecovery, isRefusal } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { send, startTraffic } from '../helpers/fault-traffic.ts';
import { eventually } from '../helpers/own-postgres.ts';

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

  it('is killed in the middle of a registration: it is refused, left nothing behind, and can be made again', async () => {
    const { app, postgres } = scene;
    const register = () =>
      send('register', `${app.url}/auth/register`, { body: { email: 'half@example.com', password: PASSWORD } });
    const stranger = new pg.Client(postgres.url);
    stranger.on('error', () => {});
    await stranger.connect();
    await stranger.query('begin; lock table audit_events');
    const registration = register();
    // The traffic's own registrations come to wait here, too: each holds its user's row and no event yet.
    const inTheMiddle = async (): Promise<boolean> => {
      const waiting = await postgres.sql(`select pid from pg_stat_activity
        where application_name = 'back-api' and wait_event_type = 'Lock' and backend_xid is not null`);
      return waiting.length >= 2;
    };
    await eventually('it has written and waits', inTheMiddle);
    await postgres.crash();
    expect(isRefusal(await registration)).toBe(true);
    await scene.untilRefused('ready');
    await postgres.start();
    await expectRecovery(scene);
    expect(await postgres.sql(`select email from users where email = 'half@example.com'`)).toEqual([]);
    expect((await register()).status).toBe(201);
  });

  it('crashes on purpose and is started again', async () => {
    await scene.postgres.stop('immediate');
    await scene.untilRefused('ready');
    await scene.postgres.start();
    await expectRecovery(scene);
  });

  it('is restarted in order at two hundred requests a second: nobody is refused once it is back', async () => {
    const { postgres, traffic } = scene;
    await scene.untilAnswered(200);
    await postgres.stop('fast');
    await postgres.start();
    const back = performance.now();
    await expectRecovery({ ...scene, is_felt: false });
    const late = traffic.answers.filter(({ status, at }) => status === 503 && at > back + 1000);
    expect(late.slice(0, 3)).toEqual([]);
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
