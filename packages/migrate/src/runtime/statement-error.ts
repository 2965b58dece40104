import { MigrationError } from '../errors.ts';
import type { Direction, Revision } from '../script/revisions.ts';
import type { Statement } from '../sql/statements.ts';
import { keywords } from '../sql/transactions.ts';

const LONGEST_EXCERPT = 200;

/** Says which statement of which file failed, where in it, and why, with PostgreSQL's own detail and hint. */
export function statementError(
  error: unknown,
  statement: Statement,
  { revision, direction }: { revision: Revision; direction: Direction },
): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { detail, hint } = error as { detail?: string; hint?: string };
  const line = statement.line + linesBefore(error, statement);
  const more = [detail, hint && `Hint: ${hint}`].filter((text) => text !== undefined);
  return new MigrationError(
    [`${revision.path}/${direction}.sql, line ${line}: ${error.message}`, ...more, indented(statement.sql)].join('\n'),
    { cause: error },
  );
}

/** Says which file failed if no statement did: at the commit, or with the connection. */
export function revisionError(
  error: unknown,
  { revision, direction }: { revision: Revision; direction: Direction },
): Error {
  if (error instanceof MigrationError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const { detail } = error as { detail?: string };
  return new MigrationError(
    [`${revision.path}/${direction}.sql, at its end: ${error.message}`, ...(detail === undefined ? [] : [detail])].join(
      '\n',
    ),
    { cause: error },
  );
}

/** Undefined schemas, tables, columns, functions, objects, and duplicate ones. */
const IS_MISSING = new Set(['3F000', '42P01', '42703', '42883', '42704']);
const IS_THERE = new Set(['42P06', '42P07', '42701', '42723', '42710']);

/** True for the error of a statement that takes away what is not there, or makes what is: nothing is left for it to do. */
export function isUndone(statement: Pick<Statement, 'tokens'>, error: unknown): boolean {
  const code = sqlState(error) ?? '';
  const words = keywords(statement);
  return (
    (/^(DROP|ALTER|COMMENT)\b/.test(words) && IS_MISSING.has(code)) ||
    (/^(CREATE|ALTER)\b/.test(words) && IS_THERE.has(code))
  );
}

/** PostgreSQL's own code of what went wrong, however deep it lies. */
export function sqlState(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if ('code' in inner && typeof inner.code === 'string' && /^[0-9A-Z]{5}$/.test(inner.code)) return inner.code;
  return undefined;
}

/** How many lines into its statement an error lies: where it points at a character, or at a line of a DO block. */
function linesBefore(error: Error, { sql, tokens }: Statement): number {
  const { position, where } = error as { position?: string; where?: string };
  if (position !== undefined) {
    // PostgreSQL counts characters, not JavaScript's units.
    const before = [...sql].slice(0, Number(position) - 1).join('');
    return newlines(before);
  }
  const line = /PL\/pgSQL function inline_code_block line (\d+)/.exec(where ?? '')?.[1];
  const body = tokens.find(({ kind }) => kind === 'text');
  if (line === undefined || body === undefined) return 0;
  return newlines(sql.slice(0, body.start - (tokens[0]?.start ?? 0))) + Number(line) - 1;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

function indented(sql: string): string {
  const short = sql.length > LONGEST_EXCERPT ? `${sql.slice(0, LONGEST_EXCERPT)} …` : sql;
  return short.replaceAll(/^/gm, '  ');
}
