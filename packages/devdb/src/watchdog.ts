import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';

/** Ties a server to this process: when this process is gone, even by SIGKILL, the server is stopped. */
export interface Watchdog {
  tie: (pid: number) => void;
  /** The server has been stopped in order. */
  release: () => void;
}

/** Starts the process that holds the other end: a pipe from here to there ends when this process does. */
export function startWatchdog({ dataDirectory, throwAway }: { dataDirectory: string; throwAway: boolean }): Watchdog {
  const args = [
    join(import.meta.dirname, `watcher${extname(import.meta.filename)}`),
    ...(throwAway ? [dataDirectory] : []),
  ];
  const watcher = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const { stdin } = watcher;
  // The watcher alone may be killed; this process, or Linux, then stops the server.
  for (const emitter of [watcher, stdin]) emitter.on('error', () => {});
  watcher.unref();
  // A pipe keeps the event loop alive unless told otherwise; the type knows it only as a stream.
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return {
    tie: (pid) => void stdin.write(`${pid}\n`),
    release: () => void stdin.end('released\n'),
  };
}
