import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './own-postgres.ts';

/** A control group whose processes may have so much memory together; who wants more is killed by the kernel. */
export interface MemoryLimit {
  /** What goes before a command that is to run under it. */
  readonly command: readonly string[];
  /** How many processes the kernel has ended so far. */
  kills: () => number;
  /** Removes it; its processes have ended by then. */
  remove: () => Promise<void>;
}

/** How the two versions of control groups name the same things. */
interface Version {
  parent: string;
  limit: string;
  /** Swap besides, or memory and swap together, where the kernel counts them. */
  swap: { file: string; isTogether: boolean };
  kills: string;
}

const VERSIONS: readonly Version[] = [
  {
    parent: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    swap: { file: 'memory.memsw.limit_in_bytes', isTogether: true },
    kills: 'memory.oom_control',
  },
  {
    parent: '/sys/fs/cgroup',
    limit: 'memory.max',
    swap: { file: 'memory.swap.max', isTogether: false },
    kills: 'memory.events',
  },
];

let made = 0;

/** Makes such a group; nothing where this machine lets nobody do so. */
export function limitMemory(megabytes: number): MemoryLimit | undefined {
  for (const { parent, limit, swap, kills } of VERSIONS) {
    const folder = join(parent, `back-tests-${process.pid}-${++made}`);
    if (!isMade(folder)) continue;
    if (!existsSync(join(folder, limit))) {
      rmdirSync(folder);
      continue;
    }
    const bytes = megabytes * 1024 * 1024;
    writeFileSync(join(folder, limit), `${bytes}`);
    if (existsSync(join(folder, swap.file))) writeFileSync(join(folder, swap.file), `${swap.isTogether ? bytes : 0}`);
    return {
      command: ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$0" "$@"`],
      kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, kills), 'utf8'))?.[1]),
      // The kernel takes a moment to forget the last process.
      remove: () => eventually('the control group is empty', async () => isRemoved(folder)),
    };
  }
  return undefined;
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
