import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'pg-devdb/throw-away';
import { describe, expect, it } from 'vitest';
import { expectRecovery, isExpected, isRefusal } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

const KILLS = 4;
const DELAY_MS = 2000;

const port = String(await freePort());
const start = (url: string): Promise<ServedApp> =>
  serveApp(url, { PORT: port, STOP_DELAY_SECONDS: String(DELAY_MS / 1000) });
const scene = openFaultScene({ serve: ({ url }) => start(url) });

/** Those that were cut off are known, the last of them in a moment; from here on nobody is. */
async function forgetCutOff(): Promise<void> {
  await sleep(500);
  const { answers } = scene.traffic;
  answers.splice(0, answers.length, ...answers.filter(({ status }) => status !== 0));
}

describe('while clients register, write and read, the server process', () => {
  it('is killed and started again, four times: what it acknowledged is there, nothing is half there, and sessions go on', async () => {
    const { postgres, traffic } = scene;
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(700);
      const before = traffic.answers.length;
      scene.app.program.child.kill('SIGKILL');
      expect(await scene.app.program.ended).toBe('SIGKILL');
      await sleep(200);
      scene.app = await start(postgres.url);
      const broken = traffic.answers
        .slice(before)
        .filter((answer) => !isExpected(answer) && !isRefusal(answer) && answer.status !== 0);
      expect(broken.slice(0, 3), 'a client is served, refused or cut off; it is told nothing else').toEqual([]);
    }
    expect(traffic.answers.some(({ status }) => status === 0)).toBe(true);
    await forgetCutOff();
    await expectRecovery({ ...scene, is_felt: false });
    const orphans = await postgres.sql(
      `select pid from pg_stat_activity where application_name = 'back-api' and state like 'idle in transaction%'`,
    );
    expect(orphans).toEqual([]);
  });

  it('is asked to stop at two hundred requests a second: nobody is cut off before the load balancer knows, and nothing is done for those who come too late', async () => {
    const { app, postgres, traffic } = scene;
    const { answers } = traffic;
    await scene.untilAnswered(200);
    const began = performance.now();
    expect(await app.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    const during = answers.filter(({ at }) => at > began);
    const unready = during.find(({ what, status }) => what === 'ready' && status === 503) ?? expect.fail();
    expect(during.some(({ what, status, at }) => what === 'write' && status === 201 && at > unready.at)).toBe(true);
    const broken = during.filter((answer) => !isExpected(answer) && !isRefusal(answer) && answer.status !== 0);
    expect(broken.slice(0, 3)).toEqual([]);
    const cutOff = during.filter(({ status, at }) => status === 0 && at < began + DELAY_MS / 2);
    expect(cutOff.slice(0, 3)).toEqual([]);
    scene.app = await start(postgres.url);
    await forgetCutOff();
    await expectRecovery({ ...scene, is_felt: false });
    const done = await postgres.sql(
      'select title from kit_notes where title = any($1) union all select email from users where email = any($2)',
      [traffic.items.refused, traffic.registrations.refused],
    );
    expect(done, 'what was done is answered').toEqual([]);
  });
});
