import type pg from 'pg';
import { MigrationError } from '../errors.ts';
import { nameAt, skipNoise } from '../sql/names.ts';
import type { Statement } from '../sql/statements.ts';
import { keywords } from '../sql/transactions.ts';
import type { Run } from './run.ts';
import { isUndone, statementError } from './statement-error.ts';

export interface OutsideRun extends Run {
  schema: string;
  index: number;
  /** An earlier run got to this statement and did not come back to say that it was done. */
  isResumed: boolean;
  /** The way back of an upgrade that stopped: what it did not come to is not there. */
  undoesPart: boolean;
}

/**
 * Runs one statement that refuses to be in a transaction. It is safe to come back to: an index that a crash left invalid is
 * dropped and built again, and what an interrupted run has finished is not done twice.
 */
export async function runOutsideTransaction(client: pg.Client, run: OutsideRun): Promise<void> {
  const statement = run.script.statements[run.index];
  if (statement === undefined) return;
  try {
    const sql = await whatIsLeft(client, statement, run);
    if (sql !== undefined) await client.query(sql);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    if (run.undoesPart && isUndone(statement, error)) return;
    throw statementError(error, statement, run);
  }
}

/** The statement with its index's schema written out, since outside of a transaction no `search_path` can be set for it alone. */
export function qualified(statement: Statement, schema: string): string {
  const { tokens, sql } = statement;
  const position = placeOfUnqualified(statement);
  if (position === undefined) return sql;
  if (position === 'unknown' && schema === 'public') return sql;
  if (position === 'unknown')
    throw new MigrationError(
      `Line ${statement.line}: outside of a transaction names need their schema written out: "${schema}".…`,
    );
  const start = (tokens[position]?.start ?? 0) - (tokens[0]?.start ?? 0);
  return `${sql.slice(0, start)}"${schema}".${sql.slice(start)}`;
}

async function whatIsLeft(client: pg.Client, statement: Statement, run: OutsideRun): Promise<string | undefined> {
  const sql = qualified(statement, run.schema);
  const words = keywords(statement);
  if (/^DROP INDEX CONCURRENTLY\b/.test(words)) {
    const isThere = (await findIndex(client, indexOf(statement, run.schema))) !== undefined;
    return run.isResumed && !isThere ? undefined : sql;
  }
  if (/^CREATE (UNIQUE )?INDEX CONCURRENTLY\b/.test(words)) {
    const name = indexOf(statement, run.schema);
    const found = name === undefined ? undefined : await findIndex(client, name);
    if (found?.is_valid === true && run.isResumed) return undefined;
    if (found?.is_valid === false) await client.query(`drop index concurrently ${name}`);
  }
  if (run.isResumed && /^ALTER TYPE .* ADD VALUE (?!IF NOT EXISTS)/.test(words))
    return sql.replace(/\badd\s+value\b/i, 'add value if not exists');
  return sql;
}

/** The index's name with its schema: its table's, since an index always lives where its table does. */
function indexOf(statement: Statement, schema: string): string | undefined {
  const { tokens } = statement;
  const named = nameAt(tokens, skipNoise(tokens, wordAt(tokens, 'INDEX') + 1));
  if (named === undefined || named.name.includes('.')) return named?.name;
  const on = wordAt(tokens, 'ON');
  const table = on === -1 ? undefined : nameAt(tokens, skipNoise(tokens, on + 1))?.name;
  const [home, rest] = table?.split('.') ?? [];
  if (home !== undefined && rest !== undefined) return `${home}.${named.name}`;
  return `"${schema}".${named.name}`;
}

async function findIndex(client: pg.Client, name: string | undefined): Promise<{ is_valid: boolean } | undefined> {
  if (name === undefined) return undefined;
  const { rows } = await client.query(
    'select indisvalid as is_valid from pg_index where indexrelid = to_regclass($1)::oid',
    [name],
  );
  return rows[0];
}

/** Where the name stands that the schema belongs before; `undefined` if there is none or it is written out. */
function placeOfUnqualified(statement: Statement): number | 'unknown' | undefined {
  const { tokens } = statement;
  const words = keywords(statement);
  let before: string | undefined;
  if (/^CREATE (UNIQUE )?INDEX\b/.test(words)) before = 'ON';
  if (/^(DROP|REINDEX) INDEX\b/.test(words)) before = 'INDEX';
  if (/^(REINDEX|ALTER) TABLE\b/.test(words)) before = 'TABLE';
  if (/^ALTER TYPE\b/.test(words)) before = 'TYPE';
  if (/^(ALTER SYSTEM|(CREATE|DROP) (DATABASE|TABLESPACE))\b/.test(words)) return undefined;
  if (before === undefined) return /"?\w+"? \. /.test(words) ? undefined : 'unknown';
  const position = skipNoise(tokens, wordAt(tokens, before) + 1);
  return nameAt(tokens, position)?.name.includes('.') ? undefined : position;
}

function wordAt(tokens: Statement['tokens'], word: string): number {
  return tokens.findIndex(({ kind, text }) => kind === 'word' && text.toUpperCase() === word);
}
