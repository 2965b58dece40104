import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of its own: waits until the pipe from its parent ends, then stops the server that the parent left behind. */
const [pid = '', data_directory = '', throwAway] = process.argv.slice(2);
const STOP_WITHIN_MS = 10_000;
const POLL_MS = 50;

process.stdin.resume();
process.stdin.once('end', async () => {
  const deadline = Date.now() + STOP_WITHIN_MS;
  signal('SIGINT');
  while (isOurs() && Date.now() < deadline) await sleep(POLL_MS);
  signal('SIGQUIT');
  if (throwAway !== undefined) rmSync(dirname(data_directory), { recursive: true, force: true });
  process.exit();
});

function signal(name: 'SIGINT' | 'SIGQUIT'): void {
  if (isOurs()) process.kill(Number(pid), name);
}

/** The number may have gone to another process since; the server's own file tells. */
function isOurs(): boolean {
  try {
    const [owner] = readFileSync(join(data_directory, 'postmaster.pid'), 'utf8').split('\n');
    return owner === pid && process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
