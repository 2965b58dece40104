import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../src/devdb/throw-away.ts';
import { expectRecovery, isExpected, isRefusal } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { serveApp } from '../helpers/served-app.ts';

const KILLS = 4;

const port = String(await freePort());
const scene = openFaultScene({ serve: ({ url }) => serveApp(url, { PORT: port }) });

describe('while clients register, write and read, the server process', () => {
  it('is killed and started again, four times: what it acknowledged is there, nothing is half there, and sessions go on', async () => {
    const { postgres, traffic } = scene;
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(700);
      const before = traffic.answers.length;
      scene.app.program.child.kill('SIGKILL');
      expect(await scene.app.program.ended).toBe('SIGKILL');
      await sleep(200);
      scene.app = await serveApp(postgres.url, { PORT: port });
      const broken = traffic.answers
        .slice(before)
        .filter((answer) => !isExpected(answer) && !isRefusal(answer) && answer.status !== 0);
      expect(broken.slice(0, 3), 'a client is served, refused or cut off; it is told nothing else').toEqual([]);
    }
    expect(traffic.answers.some(({ status }) => status === 0)).toBe(true);
    // Those that were cut off are known, the last of them in a moment; from here on nobody is.
    await sleep(300);
    const { answers } = traffic;
    answers.splice(0, answers.length, ...answers.filter(({ status }) => status !== 0));
    await expectRecovery({ ...scene, is_felt: false });
    const orphans = await postgres.sql(
      `select pid from pg_stat_activity where application_name = 'back-api' and state like 'idle in transaction%'`,
    );
    expect(orphans).toEqual([]);
  });
});
