import type pg from 'pg';
import type { Statement } from '../sql/statements.ts';
import { counted } from './counted.ts';
import type { Run } from './run.ts';
import { isUndone, revisionError, statementError } from './statement-error.ts';

const SEPARATOR = ';\n';

/** Runs all of them in one text, since a way to the server and back takes longer than most statements do. */
export async function executeAll(client: pg.Client, statements: readonly Statement[], run: Run): Promise<void> {
  if (statements.length === 0) return;
  const { error, completed } = await counted(client, statements.map(({ sql }) => sql).join(SEPARATOR));
  if (error !== undefined) throw failureAmong(statements, error, { done: completed, run });
}

/**
 * Runs them one by one, and passes over those that would take away what is not there: the way back of an upgrade that stopped
 * in its middle.
 */
export async function executeWhatIsThere(client: pg.Client, statements: readonly Statement[], run: Run): Promise<void> {
  for (const statement of statements) {
    await client.query('savepoint revision_undo');
    try {
      await client.query(statement.sql);
    } catch (error) {
      if (!isUndone(statement, error)) throw statementError(error, statement, run);
      await client.query('rollback to savepoint revision_undo');
    }
    await client.query('release savepoint revision_undo');
  }
}

/** The statement that failed: the one that the error points at, or the first one that did not complete. */
function failureAmong(
  statements: readonly Statement[],
  error: unknown,
  { done, run }: { done: number; run: Run },
): Error {
  const position = positionOf(error);
  if (position === undefined) {
    const failed = statements[done];
    return failed === undefined ? revisionError(error, run) : statementError(error, failed, run);
  }
  let start = 0;
  for (const [index, statement] of statements.entries()) {
    const end = start + lengthOf(statement.sql + SEPARATOR);
    if (position <= end || index === statements.length - 1)
      return statementError(Object.assign(error as Error, { position: String(position - start) }), statement, run);
    start = end;
  }
  return revisionError(error, run);
}

/** Where PostgreSQL says that the error is, from 1; most errors at run time say nothing. */
function positionOf(error: unknown): number | undefined {
  const { position } = error as { position?: string | undefined };
  return position === undefined ? undefined : Number(position);
}

/** PostgreSQL counts characters, and JavaScript counts two for one beyond the basic plane. */
function lengthOf(text: string): number {
  return [...text].length;
}
