import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entity } from '../../autogenerate/snapshot.ts';
import { MigrationError } from '../../errors.ts';
import { changedState } from './kit-deltas.ts';

/** One migration of a folder that drizzle-kit wrote. */
export interface KitMigration {
  /** As drizzle-kit keeps it of an applied migration. */
  hash: string;
  name: string;
  sql: string;
  /** `2026-01-31 14:05`, in UTC. */
  create_date: string;
  /** The models' state after it; `undefined` if it is not known: drizzle-kit 0.x wrote another form. */
  ddl: Entity[] | undefined;
}

interface Journal {
  entries: { idx: number; when: number; tag: string }[];
}

/** The migrations of a folder, oldest first: of drizzle-kit 0.x by its journal, of 1.x by its folders. */
export function readKitFolder(folder: string): KitMigration[] {
  if (!existsSync(folder)) throw new MigrationError(`There is no folder ${folder}`);
  const journal = join(folder, 'meta/_journal.json');
  const migrations = existsSync(journal) ? fromJournal(folder, journal) : fromFolders(folder);
  if (migrations.length > 0) return migrations;
  throw new MigrationError(
    `${folder} holds no migrations of drizzle-kit: neither meta/_journal.json nor NAME/migration.sql`,
  );
}

function fromJournal(folder: string, journal: string): KitMigration[] {
  // drizzle-kit's own file.
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as Journal;
  return entries
    .toSorted((one, other) => one.idx - other.idx)
    .map(({ when, tag }) => ({
      ...scriptOf(join(folder, `${tag}.sql`)),
      name: tag.replace(/^\d+_/, ''),
      create_date: new Date(when).toISOString().slice(0, 16).replace('T', ' '),
      ddl: undefined,
    }));
}

function fromFolders(folder: string): KitMigration[] {
  const states = new Map<string, Entity[]>();
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const [, date, time, title = name] = /^(\d{8})(\d{4})\d*_(.*)$/.exec(name) ?? [];
      if (date === undefined || time === undefined)
        throw new MigrationError(`${join(folder, name)} does not begin with the time at which it was written`);
      return {
        ...scriptOf(join(folder, name, 'migration.sql')),
        name: title,
        create_date: `${date.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')} ${time.replace(/(\d\d)(\d\d)/, '$1:$2')}`,
        ddl: readState(join(folder, name, 'snapshot.json'), states),
      };
    });
}

function scriptOf(file: string): Pick<KitMigration, 'hash' | 'sql'> {
  if (!existsSync(file)) throw new MigrationError(`${file} is missing`);
  const text = readFileSync(file, 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  const parts = text.split('--> statement-breakpoint').map((part) => ended(part.trim()));
  return { hash, sql: `${parts.filter((part) => part !== '').join('\n\n')}\n` };
}

/** drizzle-kit runs each part alone, so its last statement may lack the semicolon. */
function ended(sql: string): string {
  return sql === '' || sql.endsWith(';') || sql.split('\n').at(-1)?.trimStart().startsWith('--') ? sql : `${sql};`;
}

/** The state that a snapshot describes, whole or by what it changes in the one before. */
function readState(file: string, states: Map<string, Entity[]>): Entity[] | undefined {
  if (!existsSync(file)) return undefined;
  const { id, ddl, prevIds, deltas } = JSON.parse(readFileSync(file, 'utf8'));
  const state = Array.isArray(ddl)
    ? ddl
    : changedState(prevIds?.length === 1 ? states.get(prevIds[0]) : undefined, deltas);
  if (state !== undefined) states.set(id, state);
  return state;
}
