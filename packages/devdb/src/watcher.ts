import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of its own: reads process ids until the pipe from its parent ends, then stops the last one unless it was released. */
const [throwAwayDirectory] = process.argv.slice(2);
const STOP_WITHIN_MS = 10_000;
const POLL_MS = 50;

// Only the end of the pipe counts; a signal to everybody must not leave the server behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

let last = '';
for await (const line of createInterface({ input: process.stdin })) last = line;
if (last !== 'released') await stopServer(Number(last));

async function stopServer(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    const deadline = Date.now() + STOP_WITHIN_MS;
    if (!send(pid, signal)) break;
    while (send(pid, 0) && Date.now() < deadline) await sleep(POLL_MS);
  }
  if (throwAwayDirectory !== undefined) rmSync(dirname(throwAwayDirectory), { recursive: true, force: true });
}

/** False if the process is gone. Its id is not another's yet: its parent, which would have reaped it, was alive until now. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}
