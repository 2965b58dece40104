import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigrationError } from './errors.ts';

/** One folder of `versions/`: a step of the schema, forth and back. */
export interface Revision {
  id: string;
  /** The revisions that it follows: none for the first, two or more for a merge. */
  down_revisions: readonly string[];
  message: string;
  create_date: string;
  /** Folder of its files. */
  path: string;
}

export interface NewRevision extends Omit<Revision, 'path'> {
  upgrade: string;
  downgrade: string;
  /** The models' state after the revision, for the next comparison. */
  snapshot?: unknown;
}

const FOLDER = /^\d{12}_([0-9a-f]{12})_/;

/** Reads every revision's header, oldest folder first. Throws where two have one id or a header is not readable. */
export function readRevisions(directory: string): Revision[] {
  const folders = existsSync(directory) ? readdirSync(directory).filter((name) => FOLDER.test(name)) : [];
  const revisions = folders.sort().map((name) => parseHeader(join(directory, name), name));
  const ids = new Set<string>();
  for (const { id, path } of revisions) {
    if (ids.has(id)) throw new MigrationError(`Two revisions have the id ${id}; one of them is ${path}`);
    ids.add(id);
  }
  return revisions;
}

/** Writes a revision's folder and returns it as read. */
export function writeRevision(directory: string, revision: NewRevision): Revision {
  const stamp = revision.create_date.replace(/\D/g, '').slice(0, 12);
  const slug = revision.message
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  const name = `${stamp}_${revision.id}_${slug || 'revision'}`;
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'upgrade.sql'), `${header(revision)}\n${revision.upgrade}`);
  writeFileSync(join(path, 'downgrade.sql'), `-- Reverts ${revision.id}: ${revision.message}\n\n${revision.downgrade}`);
  if (revision.snapshot !== undefined)
    writeFileSync(join(path, 'snapshot.json'), `${JSON.stringify(revision.snapshot, null, 2)}\n`);
  return parseHeader(path, name);
}

/** The SQL of one direction. */
export function readSql({ path }: Revision, direction: 'upgrade' | 'downgrade'): string {
  return readFileSync(join(path, `${direction}.sql`), 'utf8');
}

function header({ id, down_revisions, message, create_date }: NewRevision): string {
  const lines = [
    message,
    '',
    `Revision ID: ${id}`,
    `Revises: ${down_revisions.join(', ')}`,
    `Create Date: ${create_date}`,
  ];
  return `${lines.map((line) => `-- ${line}`.trimEnd()).join('\n')}\n`;
}

function parseHeader(path: string, name: string): Revision {
  const lines = readFileSync(join(path, 'upgrade.sql'), 'utf8').split('\n');
  const field = (label: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`-- ${label}:`))
      ?.slice(label.length + 4)
      .trim();
  const id = field('Revision ID');
  if (id === undefined || FOLDER.exec(name)?.[1] !== id)
    throw new MigrationError(`${path}/upgrade.sql has no "Revision ID" that agrees with its folder's name`);
  const down_revisions = (field('Revises') ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return {
    id,
    down_revisions,
    message: (lines[0] ?? '').replace(/^--\s*/, ''),
    create_date: field('Create Date') ?? '',
    path,
  };
}
