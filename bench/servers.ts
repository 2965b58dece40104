import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from 'pg-devdb/throw-away';
import { endProcess, untilServing } from '../tests/helpers/processes.ts';

/** A server under load: a process of its own on a loopback port. */
export interface Server {
  readonly name: string;
  readonly url: string;
  /** From the start of the process to its first good answer. */
  readonly ready_ms: number;
  /** The most memory that the process that serves has held so far; NaN if the system does not tell. */
  peakMemoryMb: () => number;
  /** The processor time that the process has used so far, all threads; NaN if the system does not tell. */
  cpuMs: () => number;
  /** The file that its output goes to; it goes when the server stops. */
  readonly output: string;
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

/** The kernel counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;
const END_WITH_PARENT = join(import.meta.dirname, 'end-with-parent.ts');
/** Where `npm start` keeps compiled code between starts. */
const COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/node');

/** As `bin/back.js` starts Node; docs/performance.md says what each of these saves and costs. */
const MEMORY = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=30',
  '--no-maglev',
  '--no-allocation-site-pretenuring',
];

/** What starts the application of a checkout with the notes beside its routes, whatever resources it has. */
export function applicationCommand(root = join(import.meta.dirname, '..')): string[] {
  return [...MEMORY, join(resolve(root), 'tests/helpers/test-product/main.ts')];
}

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
    await endProcess(child);
    rmSync(directory, { recursive: true, force: true });
  };
  if (!(await untilServing(child, url + ready_path))) {
    const log = readFileSync(output, 'utf8').slice(-2000);
    await stop();
    throw new Error(`${name} does not answer at ${ready_path}:\n${log}`);
  }
  const ready_ms = performance.now() - started;
  return { name, url, ready_ms, output, stop, peakMemoryMb: () => peakMemoryMb(child), cpuMs: () => cpuMs(child) };
}

function spawnServer(
  { command, env, profile_directory }: ServerOptions,
  { directory, output, port }: { directory: string; output: string; port: number },
): ChildProcess {
  const file = openSync(output, 'a');
  const profile = profile_directory && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile_directory)}` };
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...command], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ...profile,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...env,
      PORT: String(port),
    },
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  return child;
}

function peakMemoryMb(server: ChildProcess): number {
  const peak = (pid: number) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(processFile(pid, 'status'))?.[1]) / 1024;
  // The first step of a server may have ended since.
  const known = processIds(server).map(peak).filter(Number.isFinite);
  return known.length === 0 ? Number.NaN : Math.max(...known);
}

function cpuMs(server: ChildProcess): number {
  return processIds(server)
    .map((pid) => {
      // The second field is the name of the program in parentheses; what follows it has fixed places.
      const [, , , , , , , , , , , user, system] = processFile(pid, 'stat')
        .replace(/^.*\) /s, '')
        .split(' ');
      return (Number(user) + Number(system)) * MS_PER_TICK;
    })
    .reduce((sum, ms) => sum + ms, 0);
}

/** The process that we started, and the one that it started where it is only the first step. */
function processIds({ pid = 0 }: ChildProcess): number[] {
  const children = processFile(pid, `task/${pid}/children`).split(' ').filter(Boolean);
  return [pid, ...children.map(Number)];
}

/** Linux only; elsewhere there is no such file. */
function processFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
