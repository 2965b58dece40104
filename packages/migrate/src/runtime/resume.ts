import { MigrationError } from '../errors.ts';
import { checksumOf, type Script } from '../script/revisions.ts';
import type { Run } from './run.ts';
import type { AppliedRevision } from './versions.ts';

/** Where a run begins. */
export interface Resumption {
  /** Index of the first statement to run. */
  from: number;
  /** An earlier run began this very statement, and it is not known whether it came to its end. */
  isAttempted: boolean;
  /** An earlier run did a part of the revision. */
  is_begun: boolean;
}

/** Both halves and what parts them fit the column of a checksum. */
const DIGITS = 31;

/** What is kept while a revision is on its way: a checksum of the statements that ran, and one of the statement that was begun. */
export function progressOf({ statements }: Pick<Script, 'statements'>, done: number, attempted?: number): string {
  const sums = [statements.slice(0, done), attempted === undefined ? [] : statements.slice(attempted, attempted + 1)];
  return sums.map((part) => checksumOf(part.map(({ sql }) => sql)).slice(0, DIGITS)).join(':');
}

/**
 * Where to go on after an interrupted run: behind the statements that ran, even if a later one was edited. The way back of
 * an upgrade that stopped begins at its start. Throws if a statement that ran was edited, or if a way back has stopped.
 */
export function resumptionOf(run: Run, applied: AppliedRevision | undefined, command: string): Resumption {
  const { revision, direction, script } = run;
  if (applied === undefined || applied.statements_done === null)
    return { from: 0, isAttempted: false, is_begun: false };
  const { statements_done, checksum } = applied;
  if (applied.direction === 'downgrade' && direction === 'upgrade')
    throw new MigrationError(
      `Revision ${revision.id} stopped after statement ${statements_done} of its downgrade; first go on there: ${command} downgrade -1`,
    );
  if (applied.direction !== direction) return { from: 0, isAttempted: false, is_begun: true };
  // Releases before wrote one checksum of the whole file.
  if (checksum === script.checksum) return { from: statements_done, isAttempted: true, is_begun: true };
  const [ran, begun] = checksum.split(':');
  const now = progressOf(script, statements_done, statements_done).split(':');
  if (ran === now[0]) return { from: statements_done, isAttempted: begun === now[1], is_begun: true };
  throw new MigrationError(
    `Revision ${revision.id} stopped after statement ${statements_done} of its ${direction}, and what ran was edited since: restore statements 1 to ${statements_done} of ${revision.path}/${direction}.sql. What stands behind them may change`,
  );
}

/** A failure between the parts of a revision, with the ways on. */
export function stoppedError(
  error: unknown,
  { revision, direction, script }: Run,
  { done, command }: { done: number; command: string },
): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (done === 0) return error;
  const ran = done === 1 ? 'Statement 1 ran and stays' : `Statements 1 to ${done} ran and stay`;
  const ways = [
    `${ran}; ${script.statements.length - done} to go. Mend the file behind ${done === 1 ? 'it' : 'them'} and run the same command again`,
    ...(direction === 'upgrade' ? [`or undo what ran: ${command} downgrade -1`] : []),
  ].join(', ');
  return new MigrationError(`${error.message}\nRevision ${revision.id} stopped. ${ways}`, { cause: error });
}

/** The error for a database in the middle of a revision that is not among the files. */
export function lostError(
  { version_num, statements_done, direction }: AppliedRevision,
  at: { versions: readonly string[]; command: string },
): MigrationError {
  return new MigrationError(
    `The database stands in the middle of revision ${version_num}, after statement ${statements_done} of its ${direction}, and that is not among the files: ${lostRemedy(at)}`,
  );
}

/** What to do about one. */
export function lostRemedy({ versions, command }: { versions: readonly string[]; command: string }): string {
  return `restore its folder and go on; or undo by hand what ran, and say where the database is: ${command} stamp ${versions.join(' ') || 'base'}`;
}

/** The unfinished revisions. */
export function unfinishedOf(applied: ReadonlyMap<string, AppliedRevision>): AppliedRevision[] {
  return [...applied.values()].filter(({ statements_done }) => statements_done !== null);
}
