import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { programPath } from './binaries.ts';
import { DevDatabaseError } from './errors.ts';

/** How the server's programs are run on this machine: behind which command, and as which user if not as ours. */
export interface Identity {
  prefix: readonly string[];
  owner?: { uid: number; gid: number };
}

/** Who runs the server on a data directory. PostgreSQL refuses root: then it is the directory's owner, a namespace or nobody. */
export function identityFor(dataDirectory: string): Identity {
  const { prefix, owner } = unprivileged(dataDirectory);
  return { prefix: [...prefix, ...deathSignal()], ...(owner && { owner }) };
}

function unprivileged(dataDirectory: string): Identity {
  const owner = ownerOf(dataDirectory);
  const uid = process.getuid?.();
  if (uid !== undefined && uid !== 0) {
    if (owner !== undefined && owner.uid !== uid) throw new DevDatabaseError(foreign(dataDirectory));
    return { prefix: hasName() ? [] : (namespace() ?? []) };
  }
  if (uid === undefined) return { prefix: [] };
  if (owner !== undefined && owner.uid !== 0) return { prefix: [], owner };
  const prefix = namespace();
  if (prefix) return { prefix };
  if (owner === undefined && succeeds([programPath('postgres'), '--version'], nobody())) {
    return { prefix: [], owner: nobody() };
  }
  throw new DevDatabaseError(
    'PostgreSQL refuses to run as root, and this machine allows no user namespace to hide that in; run as an ordinary user, or set DATABASE_URL',
  );
}

function foreign(dataDirectory: string): string {
  return `${dataDirectory} belongs to another user; run as that one, or set DATABASE_URL`;
}

/** initdb asks for the name of its user, which a container started with a bare number has not. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** A user namespace in which the server runs as nobody, while its files belong to the calling user; nothing if the machine allows none. */
function namespace(): readonly string[] | undefined {
  const { uid, gid } = nobody();
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  return succeeds([...prefix, 'true']) ? prefix : undefined;
}

function nobody(): { uid: number; gid: number } {
  const entry = existsSync('/etc/passwd')
    ? /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
    : null;
  return { uid: Number(entry?.[1] ?? 65_534), gid: Number(entry?.[2] ?? 65_534) };
}

/** The owner of a path, or of the first folder above it that hides it; nothing if the path does not exist yet. */
function ownerOf(path: string): { uid: number; gid: number } | undefined {
  try {
    const { uid, gid } = statSync(path);
    return { uid, gid };
  } catch (error) {
    const isHidden = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return isHidden ? ownerOf(dirname(path)) : undefined;
  }
}

function succeeds([command = '', ...args]: readonly string[], identity = {}): boolean {
  return spawnSync(command, args, { stdio: 'ignore', ...identity }).status === 0;
}

/** Makes Linux itself stop a program when its parent process is gone; nothing if the machine cannot do that. */
function deathSignal(): readonly string[] {
  const prefix = ['setpriv', '--pdeathsig', 'INT'];
  return process.platform === 'linux' && succeeds([...prefix, 'true']) ? prefix : [];
}
