import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../ui/errors.ts';

const FOLDER = 'migrations/versions';
const IS_BASE = /^-- Revises:\s*$/m;
const IS_OF_KIT = /^-- Branch Labels: kit$/m;
const ALLOWED = '-- lint: allow drops-table because the resource was destroyed\n';

interface Revision {
  folder: string;
  id: string;
  sql: string;
}

/** Runs a verb in a process of its own, which has the models as they are now. */
export async function back(root: string, ...args: string[]): Promise<void> {
  // What bin/back.js looks for is found already: this process runs.
  const command = [...process.execArgv, join(root, 'src/cli/main.ts'), ...args];
  const [status] = await once(spawn(process.execPath, command, { cwd: root, stdio: 'inherit' }), 'close');
  if (status !== 0)
    throw new CommandError(`The files are written, but back ${args[0]} failed: mend what it says and run it again`);
}

/**
 * Writes the revision of what the models changed, on the clone's own branch: the tables of the kit's revisions are the
 * clone's to change or drop, and the kit's branch is not its to write on.
 */
export async function writeRevision(root: string, message: string): Promise<void> {
  const begins = readRevisions(root).every(({ sql }) => !IS_BASE.test(sql) || IS_OF_KIT.test(sql));
  await back(root, 'revision', '--autogenerate', '-m', message, ...(begins ? ['--head', 'base'] : []));
}

/** The newest revision if it makes this table and touches no other one. */
export function revisionOf(root: string, table: string): Revision | undefined {
  const all = readRevisions(root);
  const found = all.find(({ sql }) => sql.includes(`CREATE TABLE "${table}"`));
  if (found === undefined || all.some((other) => other !== found && other.sql.includes(found.id))) return undefined;
  const touched = [...found.sql.matchAll(/^(?:CREATE|ALTER) TABLE "(\w+)"/gm)].map(([, name]) => name);
  return touched.every((name) => name === table) ? found : undefined;
}

/** Takes a revision back from the configured database if it was applied there, and removes it. */
export async function removeRevision(root: string, { folder, id }: Revision): Promise<void> {
  const { stdout, status, stderr } = spawnSync(process.execPath, [join(root, 'bin/back.js'), 'current'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new CommandError(`Whether revision ${id} was applied is not known: ${stderr.trim()}`);
  if (stdout.includes(id)) await back(root, 'downgrade', '-1');
  rmSync(join(root, folder), { recursive: true });
  console.log(`removed  ${folder}`);
}

/** Writes the revision that drops the table, with the reason that the lint asks for. */
export async function dropTable(root: string, table: string): Promise<void> {
  const before = new Set(readRevisions(root).map(({ id }) => id));
  await writeRevision(root, `without ${table}`);
  const written = readRevisions(root).find(({ id }) => !before.has(id));
  if (written === undefined) throw new CommandError(`No revision drops ${table}: the models have it still`);
  const allowed = written.sql.replace(/^DROP TABLE/m, `${ALLOWED}DROP TABLE`);
  writeFileSync(join(root, written.folder, 'upgrade.sql'), allowed);
}

function readRevisions(root: string): Revision[] {
  return readdirSync(join(root, FOLDER)).map((name) => {
    const sql = readFileSync(join(root, FOLDER, name, 'upgrade.sql'), 'utf8');
    const [, id = name] = /^-- Revision ID: (\w+)/m.exec(sql) ?? [];
    return { folder: `${FOLDER}/${name}`, id, sql };
  });
}
