import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from 'pg-devdb/throw-away';
import { endProcess, untilServing } from '../helpers/processes.ts';
import { createLogWatch, type LogWatch } from './log-watch.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The application's own main, with the notes beside its routes. */
const MAIN = join(import.meta.dirname, '../helpers/test-product/main.ts');

/** The application as `npm start` runs it: a process of its own on a loopback port. */
export interface Server {
  readonly port: number;
  readonly log: LogWatch;
  stop: () => Promise<void>;
}

/** Starts it in an empty folder, so that no .env is read. */
export async function startServer(env: Readonly<Record<string, string>>): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'back-api-fuzz-'));
  const port = await freePort();
  const log = createLogWatch();
  const child = spawn(process.execPath, [MAIN], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
      STORAGE_DIRECTORY: join(directory, 'files'),
      ...env,
      PORT: `${port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stdout }).on('line', log.readLine);
  createInterface({ input: child.stderr }).on('line', log.readComplaint);
  const stop = async (): Promise<void> => {
    await endProcess(child);
    rmSync(directory, { recursive: true, force: true });
  };
  if (!(await untilServing(child, `http://127.0.0.1:${port}/health/ready`))) {
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
