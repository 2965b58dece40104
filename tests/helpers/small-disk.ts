import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk in memory that is soon full. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill: () => void;
  /** Gives it back. */
  clear: () => void;
  remove: () => void;
}

/** Mounts a disk of the given megabytes; nothing if this machine forbids mounts. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const parent = mkdtempSync(join(tmpdir(), 'back-small-disk-'));
  const folder = join(parent, 'disk');
  mkdirSync(folder);
  const options = `size=${megabytes}m,mode=700`;
  if (
    process.platform !== 'linux' ||
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0
  ) {
    rmSync(parent, { recursive: true });
    return undefined;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch (error) {
        // Another process took some of it meanwhile: it is full all the same.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    remove: () => {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
