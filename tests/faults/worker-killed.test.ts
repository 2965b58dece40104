import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familyOf } from '../helpers/processes.ts';
import { sendRaw } from '../helpers/raw.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

const CLIENTS = 20;
const KILLS = 2;
/** A worker that dies sooner is not replaced. */
const HEALTHY_AFTER_MS = 3000;
const SILENCE_MS = 5000;

let app: ServedApp;
beforeAll(async () => {
  // Nothing here asks the database.
  app = await serveApp('postgresql://nobody@127.0.0.1:1/none', { WORKERS: '2', PORT: String(await freePort()) });
  await app.program.until(/listening[\s\S]*listening/);
});
afterAll(() => app?.stop());

/** The id of one process that serves. */
function worker(): number {
  const found = familyOf(app.pid).find(({ pid, line }) => pid !== app.pid && line.includes('test-product/main.ts'));
  return found?.pid ?? expect.fail('no worker');
}

describe('one of two workers that stops to answer and is killed', () => {
  it('takes clients with it, but leaves none that was on its way to it waiting', async () => {
    const { port } = app;
    const answers: { status: number; closed: boolean }[] = [];
    let stopped = false;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!stopped) {
        answers.push(
          await sendRaw(port, 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', SILENCE_MS),
        );
        await sleep(5);
      }
    });
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(HEALTHY_AFTER_MS);
      const pid = worker();
      process.kill(pid, 'SIGSTOP');
      await sleep(300);
      process.kill(pid, 'SIGKILL');
      await app.program.until(new RegExp(`(?:worker ended with SIGKILL[\\s\\S]*){${kill + 1}}listening`));
    }
    stopped = true;
    await Promise.all(clients);
    expect(answers.filter(({ closed }) => !closed)).toEqual([]);
    expect(answers.filter(({ status }) => status === 0).length, 'some were cut off').toBeGreaterThan(0);
    expect(answers.filter(({ status }) => ![0, 200].includes(status))).toEqual([]);
  });
});
