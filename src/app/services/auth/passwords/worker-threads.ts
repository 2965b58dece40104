import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const THREADS = '/proc/self/task';
const STEPS_DOWN = 10;
const LOWEST = 19;

/**
 * Gives libuv's threads a lower priority than every other process, so that the event loop and the database get a core at
 * once while hashes use all cores. Does nothing without /proc, or before these threads have work.
 */
export function lowerWorkerThreads(): void {
  if (process.platform !== 'linux') return;
  const priority = Math.min(getPriority() + STEPS_DOWN, LOWEST);
  try {
    for (const thread of workerThreads()) setPriority(thread, priority);
  } catch {
    // A sandbox may forbid it; then hashes compete at the same priority.
  }
}

/** The kernel's ids of libuv's threads in this process. */
export function workerThreads(): number[] {
  const name = (thread: string): string => readFileSync(`${THREADS}/${thread}/comm`, 'utf8').trim();
  return readdirSync(THREADS)
    .filter((thread) => name(thread) === 'libuv-worker')
    .map(Number);
}
