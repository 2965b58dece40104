import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where Debian, Ubuntu, Fedora and Homebrew put PostgreSQL 15. */
const FOLDERS = ['/usr/lib/postgresql/15/bin', '/usr/pgsql-15/bin', '/opt/homebrew/opt/postgresql@15/bin'];

/** The programs of PostgreSQL 15, where the server is installed. */
export const postgres15 = FOLDERS.find(
  (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
);

/** What pg_dump says of a schema, without what it invents anew each time. */
export async function pgDump(url: string): Promise<string> {
  const { stdout } = await promisify(execFile)(join(postgres15 ?? '', 'pg_dump'), ['--schema-only', url]);
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
}

/** psql, where it is installed. */
export const psqlProgram = [join(postgres15 ?? '', 'psql'), '/usr/bin/psql'].find((path) => existsSync(path));
