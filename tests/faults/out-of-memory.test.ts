import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'pg-devdb/throw-away';
import { describe, expect, it } from 'vitest';
import { expectRecovery, isExpected, isRefusal } from '../helpers/fault-invariants.ts';
import { type FaultScene, openFaultScene } from '../helpers/fault-scene.ts';
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
/** Takes memory in small steps, so that one process is ended and not all. */
const GREEDY = 'const held = []; setInterval(() => held.push(Buffer.alloc(2_000_000, 1)), 20)';

const canLimit = await (async (limit) => {
  await limit?.remove();
  return limit !== undefined;
})(limitMemory(64));

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
  return { scene, group: () => limit, serveAgain: () => serve(scene.postgres) };
}

/** Takes memory beside the server, in its control group, until the kernel has ended a process of the server. */
async function exhaust({ app }: FaultScene, { command, kills }: MemoryLimit): Promise<void> {
  for (const pid of servingPids(app.pid)) writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  const before = kills();
  const [program = '', ...args] = [...command, process.execPath, '-e', GREEDY];
  const greedy = spawn(program, args, { stdio: 'ignore' });
  try {
    await eventually('the kernel ends a process', async () => kills() > before, 30_000);
  } finally {
    greedy.kill('SIGKILL');
  }
}

/** The processes that serve: the workers, or the one process that has none. */
function servingPids(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const serving = children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('main.ts'));
  return serving.length > 0 ? serving : [pid];
}

/** Whoever was cut off is known; from here on nobody is. */
async function forgetCutOffs({ traffic: { answers } }: FaultScene): Promise<void> {
  await sleep(300);
  const broken = answers.filter((answer) => !isExpected(answer) && !isRefusal(answer) && answer.status !== 0);
  expect(broken.slice(0, 3), 'a client is served, refused or cut off; it is told nothing else').toEqual([]);
  answers.splice(0, answers.length, ...answers.filter(({ status }) => status !== 0));
}

describe.skipIf(!canLimit)(
  `while clients register, write and read, and another process of the group takes the memory,${canLimit ? '' : ' (skipped: it takes the right to make a control group for memory)'}`,
  () => {
    describe(`in ${ALONE_MB} MB the server`, () => {
      const { scene, group, serveAgain } = openLimitedScene(ALONE_MB);

      it('is ended by the kernel and started again: what it acknowledged is there, nothing is half there, and sessions go on', async () => {
        await exhaust(scene, group());
        expect(await scene.app.program.ended).toBe('SIGKILL');
        expect(group().kills()).toBeGreaterThan(0);
        scene.app = await serveAgain();
        await forgetCutOffs(scene);
        await expectRecovery({ ...scene, is_felt: false });
      });
    });

    describe(`in ${TOGETHER_MB} MB for two workers`, () => {
      const { scene, group } = openLimitedScene(TOGETHER_MB, { WORKERS: '2', ...SMALL_POOLS });

      it('whom the kernel ends is replaced by the process that started both, which lives on', async () => {
        const { app } = scene;
        await app.program.until(/listening[\s\S]*listening/);
        await sleep(HEALTHY_AFTER_MS);
        await exhaust(scene, group());
        const times = (words: string): number => app.program.output().split(words).length - 1;
        // What is on its way to the other one when the first is gone may be too much for it as well.
        const isReplaced = async (): Promise<boolean> =>
          times('worker ended with SIGKILL') === group().kills() && times('Server listening') === 2 + group().kills();
        await eventually('whoever was ended is replaced', isReplaced, 15_000);
        expect(await app.metric('server_processes')).toBe(2);
        expect(isRunning(app.pid)).toBe(true);
        await forgetCutOffs(scene);
        await expectRecovery({ ...scene, is_felt: false });
      });
    });
  },
);
