import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { programPath } from './binaries.ts';
import { DevDatabaseError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { Watchdog } from './watchdog.ts';

export interface ClusterOptions {
  dataDirectory: string;
  user: string;
  password: string;
  /** Folder of another PostgreSQL's programs. */
  binaries?: string;
}

const VERSION = '17';
const ASIDE = /^initdb-(\d+)$/;

/** True if there is a data directory of this version. Throws for one of another version, and for a folder with other files. */
export function hasCluster({ dataDirectory, binaries }: Pick<ClusterOptions, 'dataDirectory' | 'binaries'>): boolean {
  const file = join(dataDirectory, 'PG_VERSION');
  if (existsSync(file)) {
    const version = readFileSync(file, 'utf8').trim();
    // Of another PostgreSQL's version that one's own server is the judge.
    if (version === VERSION || binaries !== undefined) return true;
    throw new DevDatabaseError(
      `${dataDirectory} was made by PostgreSQL ${version}, this is ${VERSION}: move it away, or set DATABASE_URL`,
    );
  }
  if (existsSync(dataDirectory) && readdirSync(dataDirectory).length > 0) {
    throw new DevDatabaseError(`${dataDirectory} holds something that is not a database: move it away`);
  }
  return false;
}

/** Makes a data directory with password authentication; aside and moved into place, so that an interrupted start leaves none that looks finished. */
export async function createCluster(options: ClusterOptions, as: Identity, watchdog: Watchdog): Promise<void> {
  const { dataDirectory, user, password, binaries } = options;
  const parent = dirname(dataDirectory);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeAbandoned(parent);
  const aside = join(parent, `initdb-${process.pid}`);
  const passwordFile = join(aside, 'password');
  try {
    mkdirSync(aside, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (as.owner) for (const path of [parent, aside, passwordFile]) chownSync(path, as.owner.uid, as.owner.gid);
    const [command = '', ...args] = [
      ...as.prefix,
      programPath('initdb', binaries),
      '-D',
      join(aside, 'data'),
      '-U',
      user,
    ];
    // Before 17 the builtin locale provider was not known.
    const locale = binaries === undefined ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
    await initdb([command, ...args, `--pwfile=${passwordFile}`, ...locale], as, watchdog);
    moveIntoPlace(join(aside, 'data'), options);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** What starts that were killed have left. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(ASIDE.exec(name)?.[1]);
    if (pid > 0 && (pid === process.pid || !isRunning(pid))) rmSync(join(parent, name), { recursive: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function initdb(
  [command, ...args]: [string, ...string[]],
  { owner }: Identity,
  watchdog: Watchdog,
): Promise<void> {
  const child = spawn(command, [...args, '-A', 'scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    ...owner,
  });
  if (child.pid !== undefined) watchdog.tie(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = await once(child, 'close').catch((cause: Error) => {
    throw new DevDatabaseError(`The embedded PostgreSQL does not run on this machine (${cause.message})`, { cause });
  });
  if (code !== 0) throw new DevDatabaseError(`The database could not be created:\n${output.trim()}`);
}

/** A folder that another start has filled in the meantime stays. */
function moveIntoPlace(made: string, options: ClusterOptions): void {
  try {
    renameSync(made, options.dataDirectory);
  } catch (error) {
    if (!hasCluster(options)) throw error;
  }
}
