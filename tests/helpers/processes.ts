import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const SERVES_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 12_000;

/** A child whose output is kept, so that a test can wait for a line of it. */
export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and error so far, in the order of arrival. */
  readonly output: () => string;
  /** Waits until the output matches; fails with all of it when the child ends first or `withinMs` have passed. */
  until: (pattern: RegExp, withinMs?: number) => Promise<RegExpExecArray>;
  /** Waits for the end: the exit code, or the signal's name. */
  ended: Promise<number | string>;
}

/** Starts a program in a process group of its own, as a terminal does. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Started {
  const child = spawn(command, args, { detached: true, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('output');
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return {
    child,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    until: async (pattern, withinMs = 60_000) => {
      const limit = AbortSignal.timeout(withinMs);
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        const changed = once(child, 'output', { signal: limit }).then(() => true);
        const goesOn = await Promise.race([changed, ended.then(() => pattern.test(output))]).catch(() => false);
        if (!goesOn) throw new Error(`${pattern} did not come; the output is:\n${output}`);
      }
    },
  };
}

/** Waits until a server answers well at this URL; false where it ends before, or half a minute passes. */
export async function untilServing(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + SERVES_WITHIN_MS;
  while (!(await isServing(url))) {
    if (server.exitCode !== null || performance.now() > deadline) return false;
    // Starts are timed by it.
    await sleep(5);
  }
  return true;
}

/** Asks a process to end, and makes it end where it takes longer than the application may. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

/** Waits until a process is gone; fails when it is still there after `withinMs`. */
export async function untilGone(pid: number, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still runs after ${withinMs} ms`);
    await sleep(20);
  }
}

/** False for a process that is gone, and for one of which only the entry is left for its parent to read. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
}

/** The ids of all processes whose command line has the text, this one left out. */
export function processesNaming(text: string): number[] {
  const lines = existsSync('/proc/self/cmdline') ? commandLinesOfLinux() : commandLinesOfPs();
  return lines.filter(({ pid, line }) => pid !== process.pid && line.includes(text)).map(({ pid }) => pid);
}

async function isServing(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function commandLinesOfLinux(): { pid: number; line: string }[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => {
    try {
      return [{ pid, line: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
    } catch {
      return [];
    }
  });
}

function commandLinesOfPs(): { pid: number; line: string }[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' });
  return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), line }));
}

/** Memory that a process holds, or its peak, where Linux tells; 0 elsewhere. */
export function residentMegabytes(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  if (process.platform !== 'linux') return 0;
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** A process and all that it has started, the eldest first. */
export function familyOf(pid: number): { pid: number; line: string }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  const all = stdout.split('\n').flatMap((row) => {
    const [, own, parent, line = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
    return own === undefined ? [] : [{ pid: Number(own), ppid: Number(parent), line }];
  });
  const family = all.filter((one) => one.pid === pid);
  for (const member of family) family.push(...all.filter((one) => one.ppid === member.pid));
  return family;
}
