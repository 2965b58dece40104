import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { type Statement, splitStatements } from '../sql/statements.ts';
import { formatHeader, type Header, parseHeader } from './header.ts';
import { readText } from './text.ts';

/** One folder of `versions/`: a step of the schema, forth and back. */
export interface Revision extends Header {
  /** Folder of its files. */
  path: string;
}

/** What has to be applied before a revision: those that it follows and those that it depends on. */
export function parentsOf({ down_revisions, depends_on }: Pick<Header, 'down_revisions' | 'depends_on'>): string[] {
  return [...down_revisions, ...depends_on];
}

export interface NewRevision extends Header {
  upgrade: string;
  downgrade: string;
  /** The models' state after the revision, for the next comparison; without it the one of the revision before counts. */
  snapshot?: unknown;
}

export type Direction = 'upgrade' | 'downgrade';

/** One direction of a revision, read and taken apart. */
export interface Script {
  text: string;
  statements: readonly Statement[];
  /** The longest run of a statement, and the longest wait for locks, as PostgreSQL writes durations. */
  statement_timeout: string | undefined;
  lock_timeout: string | undefined;
  /** A statement is prepared in it, which a rollback does not end. */
  prepares: boolean;
  /** The file says that there is nothing to undo. */
  allows_empty: boolean;
  /** Of the statements alone: comments and line ends may change. */
  checksum: string;
}

const FOLDER = /^\d{12}_./;
const DURATION = /^\d+\s*(?:ms|s|min|h)?$/;

/** Reads every revision's header, oldest folder first. Throws if two have one id or a header is not readable. */
export function readRevisions(directory: string): Revision[] {
  const folders = existsSync(directory) ? readdirSync(directory).filter((name) => FOLDER.test(name)) : [];
  const revisions = folders.sort().map((name) => readRevision(join(directory, name), name));
  const seen = new Map<string, string>();
  for (const { id, path } of revisions) {
    const other = seen.get(id);
    if (other !== undefined) throw new MigrationError(`Two revisions have the id ${id}: ${other} and ${path}`);
    seen.set(id, path);
  }
  return revisions;
}

/** Writes a revision's folder, whole or not at all, and returns it as read. Throws, with nothing written, for what could not be read back. */
export function writeRevision(directory: string, revision: NewRevision): Revision {
  const stamp = revision.create_date.replace(/\D/g, '').slice(0, 12);
  const name = [stamp, revision.id, slug(revision.message)].filter((part) => part !== '').join('_');
  const path = join(directory, name);
  if (existsSync(path)) throw new MigrationError(`${path} is there already`);
  const [title = ''] = revision.message.split(/[\r\n]/);
  const files = {
    'upgrade.sql': `${formatHeader(revision)}\n${revision.upgrade}`,
    'downgrade.sql': `-- Reverts ${revision.id}: ${title}\n\n${revision.downgrade}`,
    ...(revision.snapshot !== undefined && { 'snapshot.json': `${JSON.stringify(revision.snapshot, null, 2)}\n` }),
  };
  refuseUnreadable(revision, files);
  // Not one of the folders that are read until it is whole.
  const unfinished = join(directory, `.${name}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(unfinished, file), text);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return readRevision(path, name);
}

/** One direction's statements and what its comments ask for. Throws if the file is missing. */
export function readScript({ path }: Pick<Revision, 'path'>, direction: Direction): Script {
  const file = join(path, `${direction}.sql`);
  return parseScript(readText(file), file);
}

function parseScript(text: string, file: string): Script {
  const statements = splitStatements(text);
  return {
    text,
    statements,
    statement_timeout: durationIn(text, 'statement_timeout', file),
    lock_timeout: durationIn(text, 'lock_timeout', file),
    prepares: /\bprepare\b/i.test(text),
    allows_empty: /^--\s*lint:\s*allow\s+missing-downgrade\s+because\s+\S/m.test(text),
    checksum: checksumOf(statements.map(({ sql }) => sql)),
  };
}

/** Of statements, independent of their line ends. */
export function checksumOf(statements: readonly string[]): string {
  return createHash('sha256').update(statements.join(';\n').replaceAll('\r\n', '\n')).digest('hex');
}

/** The ids at the head of its state, without reading all of it: its own, and those of the states that it was written on. */
export function readSnapshotIds({ path }: Pick<Revision, 'path'>): { id: string; previous: string[] } | undefined {
  const file = join(path, 'snapshot.json');
  if (!existsSync(file)) return undefined;
  const head = Buffer.alloc(1024);
  const open = openSync(file, 'r');
  try {
    readSync(open, head, 0, head.length, 0);
  } finally {
    closeSync(open);
  }
  const [, id] = /"id":\s*"([^"]+)"/.exec(head.toString('utf8')) ?? [];
  const [, previous = ''] = /"prevIds":\s*\[([^\]]*)\]/.exec(head.toString('utf8')) ?? [];
  return id === undefined
    ? undefined
    : { id, previous: [...previous.matchAll(/"([^"]+)"/g)].map(([, one = '']) => one) };
}

/** Its models' state, if it has one of its own. */
export function readSnapshot({ path }: Revision): unknown {
  const file = join(path, 'snapshot.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readText(file));
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError(`${file} is no JSON, as a merge that was not finished leaves it: restore it`, { cause });
  }
}

function readRevision(path: string, name: string): Revision {
  const header = parseHeader(readText(join(path, 'upgrade.sql')));
  if (header === undefined || !name.slice(13).startsWith(header.id))
    throw new MigrationError(`${path}/upgrade.sql has no "Revision ID" that agrees with its folder's name`);
  return { ...header, path };
}

/** The header has to say what it was given, and no line of the message may mean something to those who read the file. */
function refuseUnreadable(
  { upgrade, downgrade, snapshot, ...header }: NewRevision,
  files: { 'upgrade.sql': string; 'downgrade.sql': string },
): void {
  const [message = ''] = header.message.split(/[\r\n]/);
  const read = parseHeader(files['upgrade.sql']);
  const isSame =
    JSON.stringify(read && sorted(read)) === JSON.stringify(sorted({ ...header, message: message.trimEnd() }));
  if (!isSame)
    throw new MigrationError(
      `The message, the id or a label could not be read back from the file's header: ${JSON.stringify(header.message.slice(0, 100))}`,
    );
  parseScript(files['upgrade.sql'], 'The message');
  parseScript(files['downgrade.sql'], 'The message');
}

function sorted({ id, down_revisions, depends_on, branch_labels, message, create_date }: Header): unknown[] {
  return [id, down_revisions, depends_on, branch_labels, message, create_date];
}

function slug(message: string): string {
  return message
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
}

function durationIn(text: string, name: string, file: string): string | undefined {
  const value = new RegExp(`^--[ \\t]*${name}:(.*)$`, 'm').exec(text)?.[1]?.trim();
  if (value === undefined) return undefined;
  if (!DURATION.test(value))
    throw new MigrationError(`${file}: "${name}: ${value}" is not a duration such as 500ms, 30s or 10min`);
  return value;
}
