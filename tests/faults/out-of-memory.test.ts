import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'pg-devdb/throw-away';
import { afterEach, describe, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { expectRecovery, isExpected, isRefusal } from '../helpers/fault-invariants.ts';
import { type FaultScene, openFaultScene } from '../helpers/fault-scene.ts';
import { send } from '../helpers/fault-traffic.ts';
import { limitMemory, type MemoryLimit } from '../helpers/memory-limit.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { isRunning } from '../helpers/processes.ts';
import { serveApp } from '../helpers/served-app.ts';

const ALONE_MB = 160;
/** One who supervises, two who serve. */
const TOGETHER_MB = 320;
/** A worker that dies sooner is not replaced. */
const HEALTHY_AFTER_MS = 3000;
/** Together as many connections as one process may have. */
const SMALL_POOLS = { POOL_SIZE: '3', POOL_MAX_OVERFLOW: '4' };
const BODY_BYTES = 1024 * 1024;
const MOST_OF_A_BODY = Buffer.alloc(BODY_BYTES - 1, ' ');
const LANES = 8;

const canLimit = await (async (limit) => {
  await limit?.remove();
  return limit !== undefined;
})(limitMemory(64));

const sockets: Socket[] = [];
afterEach(hangUp);

function hangUp(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}

/** A scene whose server may have so much memory; with a way to start it there again. */
function openLimitedScene(megabytes: number, settings: Record<string, string> = {}) {
  let limit: MemoryLimit;
  let port: string;
  const serve = ({ url }: { url: string }) => serveApp(url, { PORT: port, ...settings }, { command: limit.command });
  const scene = openFaultScene({
    serve: async (postgres, atEnd) => {
      port = String(await freePort());
      limit = limitMemory(megabytes) ?? expect.fail();
      atEnd.defer(limit.remove);
      return serve(postgres);
    },
  });
  return { scene, kills: () => limit.kills(), serveAgain: () => serve(scene.postgres) };
}

/** Sends bodies without their last byte, a few at a time, until there is no room for them and the kernel has ended a process. */
async function exhaust({ app }: FaultScene, kills: () => number): Promise<void> {
  const body = { email: `greedy-${Date.now()}@example.com`, password: PASSWORD };
  const { text } = await send('register', `${app.url}/auth/register`, { body });
  const { access_token } = JSON.parse(text) as { access_token: string };
  const head = `POST /items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${access_token}\r\nContent-Type: application/json\r\nContent-Length: ${BODY_BYTES}\r\nExpect: 100-continue\r\n\r\n`;
  let ended = false;
  // One more when the last one was taken: there is no queue of them before the clients that work.
  const lanes = Array.from({ length: LANES }, async () => {
    while (!ended) await hold(app.port, head);
  });
  await eventually('the kernel ends a process', async () => kills() > 0, 30_000).finally(() => {
    ended = true;
    hangUp();
  });
  await Promise.all(lanes);
}

/** Sends a body without its last byte as soon as the server asks for it; waits until it is sent, or the connection is closed. */
async function hold(port: number, head: string): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => socket.write(head));
  socket.on('error', () => {});
  sockets.push(socket);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('data', () => socket.write(MOST_OF_A_BODY, () => resolve()));
  });
}

/** Whoever was cut off is known; from here on nobody is. */
async function forgetCutOffs({ traffic: { answers } }: FaultScene): Promise<void> {
  await sleep(300);
  const broken = answers.filter((answer) => !isExpected(answer) && !isRefusal(answer) && answer.status !== 0);
  expect(broken.slice(0, 3), 'a client is served, refused or cut off; it is told nothing else').toEqual([]);
  answers.splice(0, answers.length, ...answers.filter(({ status }) => status !== 0));
}

describe.skipIf(!canLimit)(
  `while clients register, write and read, and bodies take more memory than there is,${canLimit ? '' : ' (skipped: it takes the right to make a control group for memory)'}`,
  () => {
    describe(`in ${ALONE_MB} MB the server`, () => {
      const { scene, kills, serveAgain } = openLimitedScene(ALONE_MB);

      it('is ended by the kernel and started again: what it acknowledged is there, nothing is half there, and sessions go on', async () => {
        await exhaust(scene, kills);
        expect(await scene.app.program.ended).toBe('SIGKILL');
        expect(kills()).toBe(1);
        scene.app = await serveAgain();
        await forgetCutOffs(scene);
        await expectRecovery({ ...scene, is_felt: false });
      });
    });

    describe(`in ${TOGETHER_MB} MB for two workers`, () => {
      const { scene, kills } = openLimitedScene(TOGETHER_MB, { WORKERS: '2', ...SMALL_POOLS });

      it('whom the kernel ends is replaced by the process that started both, which lives on', async () => {
        const { app } = scene;
        await app.program.until(/listening[\s\S]*listening/);
        await sleep(HEALTHY_AFTER_MS);
        await exhaust(scene, kills);
        const times = (words: string): number => app.program.output().split(words).length - 1;
        // What is on its way to the other one when the first is gone may be too much for it as well.
        const isReplaced = async (): Promise<boolean> =>
          times('worker ended with SIGKILL') === kills() && times('Server listening') === 2 + kills();
        await eventually('whoever was ended is replaced', isReplaced, 15_000);
        expect(await app.metric('server_processes')).toBe(2);
        expect(isRunning(app.pid)).toBe(true);
        await forgetCutOffs(scene);
        await expectRecovery({ ...scene, is_felt: false });
      });
    });
  },
);
