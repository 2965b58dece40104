import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib64/faketime/libfaketimeMT.so.1',
];

/** Where libfaketime is installed, if it is. */
export const faketimeLibrary = LIBRARIES.find((path) => existsSync(path));

/** A system clock of one process's own, with all its threads. Timers go by another clock, as they do on a machine whose clock is set. */
export interface SetClock {
  /** For the process that is to have it. */
  readonly environment: Record<string, string>;
  /** Sets it this number of seconds ahead of this machine's, or behind. */
  set: (offset_seconds: number) => void;
  remove: () => void;
}

export function createSetClock(library: string): SetClock {
  const folder = mkdtempSync(join(tmpdir(), 'back-clock-'));
  const file = join(folder, 'offset');
  const set = (offset_seconds: number): void =>
    writeFileSync(file, `${offset_seconds < 0 ? '' : '+'}${offset_seconds}`);
  set(0);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
