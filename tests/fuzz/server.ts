import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/devdb/throw-away.ts';
import { createLogWatch, type LogWatch } from './log-watch.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 12_000;

/** The application as `npm start` runs it: a process of its own on a loopback port. */
export interface Server {
  readonly port: number;
  readonly log: LogWatch;
  stop: () => Promise<void>;
}

/** Starts `back run` in an empty folder, so that no .env is read. */
export async function startServer(env: Readonly<Record<string, string>>): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'back-api-fuzz-'));
  const port = await freePort();
  const log = createLogWatch();
  const child = spawn(process.execPath, [join(ROOT, 'bin/back.js'), 'run'], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
      ...env,
      PORT: `${port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stdout }).on('line', log.readLine);
  createInterface({ input: child.stderr }).on('line', log.readComplaint);
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  const started = performance.now();
  while (!(await isReady(port))) {
    if (child.exitCode === null && performance.now() - started < READY_WITHIN_MS) {
      await sleep(20);
      continue;
    }
    await stop();
    throw new Error(`The server does not become ready:\n${log.complaints.join('\n')}`);
  }
  return { port, log, stop };
}

/** The memory that the serving process holds, in MB, and when it started: another time is another process. */
export async function readProcess(port: number): Promise<{ rss_mb: number; started: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const metric = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    rss_mb: Math.round(metric('process_resident_memory_bytes') / 1024 / 1024),
    started: metric('process_start_time_seconds'),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}
