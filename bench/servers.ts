import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../src/devdb/throw-away.ts';

/** A server under load: a process of its own on a loopback port. */
export interface Server {
  readonly name: string;
  readonly url: string;
  /** From the start of the process to its first good answer. */
  readonly ready_ms: number;
  /** The most memory that the process has held so far; NaN where the system does not tell. */
  peakMemoryMb: () => number;
  /** The processor time that the process has used so far, all threads; NaN where the system does not tell. */
  cpuMs: () => number;
  stop: () => Promise<void>;
}

export interface ServerOptions {
  name: string;
  /** The script and its arguments. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Answers 200 once the server may be used. */
  ready_path: string;
  /** Writes a CPU profile into this folder when the server stops. */
  profile_directory?: string;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 12_000;
const POLL_MS = 5;
/** The kernel counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;
const END_WITH_PARENT = join(import.meta.dirname, 'end-with-parent.ts');
/** Where `npm start` keeps compiled code between starts. */
const COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/node');

/** Starts a server in an empty folder, so that no .env is read; its output goes to a file there, as to a service manager's. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, ready_path } = options;
  const directory = mkdtempSync(join(tmpdir(), 'back-api-bench-'));
  const output = join(directory, 'output.log');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawnServer(options, { directory, output, port });
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    rmSync(directory, { recursive: true, force: true });
  };
  while (!(await answers(url + ready_path))) {
    if (child.exitCode === null && performance.now() - started < READY_WITHIN_MS) {
      await sleep(POLL_MS);
      continue;
    }
    const log = readFileSync(output, 'utf8').slice(-2000);
    await stop();
    throw new Error(`${name} does not answer at ${ready_path}:\n${log}`);
  }
  const ready_ms = performance.now() - started;
  return { name, url, ready_ms, stop, peakMemoryMb: () => peakMemoryMb(child.pid), cpuMs: () => cpuMs(child.pid) };
}

function spawnServer(
  { command, env, profile_directory }: ServerOptions,
  { directory, output, port }: { directory: string; output: string; port: number },
): ChildProcess {
  const file = openSync(output, 'a');
  const profile = profile_directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile_directory}`];
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...profile, ...command], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...env,
      PORT: String(port),
    },
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  return child;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function peakMemoryMb(pid: number | undefined): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(processFile(pid, 'status'))?.[1]) / 1024;
}

function cpuMs(pid: number | undefined): number {
  // The second field is the name of the program in parentheses; what follows it has fixed places.
  const [, , , , , , , , , , , user, system] = processFile(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/** Linux only; elsewhere there is no such file. */
function processFile(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
