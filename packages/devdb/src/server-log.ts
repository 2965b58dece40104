import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';

/** The file that one run of the server writes to. */
export interface ServerLog {
  readonly path: string;
  readonly descriptor: number;
  /** Closes our end; the server has its own. */
  close: () => void;
  /** The last lines of this run: why the server did not start. */
  tail: () => string;
}

const MAX_BYTES = 10 * 1024 * 1024;
const TAIL_LINES = 8;

/** Opens a log to append to; one that has grown large begins anew. */
export function openServerLog(path: string): ServerLog {
  const size = existsSync(path) ? statSync(path).size : 0;
  const start = size > MAX_BYTES ? 0 : size;
  const descriptor = openSync(path, start === 0 ? 'w' : 'a', 0o600);
  return {
    path,
    descriptor,
    close: () => closeSync(descriptor),
    tail: () => readFileSync(path).subarray(start).toString().trim().split('\n').slice(-TAIL_LINES).join('\n'),
  };
}
