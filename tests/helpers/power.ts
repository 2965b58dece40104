import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk that keeps what was flushed to it, and nothing else, when its power goes. */
export interface CuttableDisk {
  readonly folder: string;
  /** Everything that was written so far is on it. */
  flush: () => void;
  /** From here on it takes and gives nothing; what the system has still in memory for it is lost. */
  cutPower: () => void;
  /** Mounts it as after a start of the machine: the file system replays its journal. Nobody may have a file open on it. */
  bringBack: () => void;
  remove: () => void;
}

/** `ioctl(EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH)`: Node has no ioctl, and Debian always has Perl. */
const SHUTDOWN = `open(my $file, '<', $ARGV[0]) or die "$!\\n"; my $how = pack('L', 2); ioctl($file, 0x8004587d, $how) or die "$!\\n"`;
/** Left to itself the file system writes its journal every five seconds; here nothing is saved by luck. */
const MOUNT = ['-t', 'ext4', '-o', 'loop,commit=300'];

/** Makes a disk of the given megabytes out of a file; nothing if this machine forbids it. */
export function mountCuttableDisk(megabytes: number): CuttableDisk | undefined {
  const parent = mkdtempSync(join(tmpdir(), 'back-power-'));
  const [image, folder] = [join(parent, 'image'), join(parent, 'disk')];
  writeFileSync(image, '');
  truncateSync(image, megabytes * 1024 * 1024);
  mkdirSync(folder);
  const isMounted =
    process.platform === 'linux' &&
    spawnSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]).status === 0 &&
    spawnSync('mount', [...MOUNT, image, folder]).status === 0;
  if (!isMounted) {
    rmSync(parent, { recursive: true });
    return undefined;
  }
  return {
    folder,
    flush: () => void execFileSync('sync', ['--file-system', folder]),
    cutPower: () => void execFileSync('perl', ['-e', SHUTDOWN, folder]),
    bringBack: () => {
      execFileSync('umount', [folder]);
      execFileSync('mount', [...MOUNT, image, folder]);
    },
    remove: () => {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
