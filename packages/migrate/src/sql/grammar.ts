import { setFlagsFromString } from 'node:v8';
import type { Node } from '@libpg-query/parser';
import { MigrationError } from '../errors.ts';

/** PostgreSQL's own parser. */
export interface Grammar {
  /** The statements of a script; throws a `SyntaxProblem` for what the grammar refuses. */
  parse: (sql: string) => ParsedStatement[];
  /** The tree of the body of one `DO`, `CREATE FUNCTION` or `CREATE PROCEDURE` in PL/pgSQL; `undefined` if it is not readable. */
  parsePlpgsql: (sql: string) => unknown;
}

export interface ParsedStatement {
  node: Node;
  /** Where its text begins and ends in the script, in UTF-16 code units; spaces and comments before it included. */
  start: number;
  end: number;
}

/** What the grammar refuses, and where: the offset counts UTF-16 code units from 0. */
export class SyntaxProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Loads the parser, which only lint needs: production does without it. */
export async function loadGrammar(): Promise<Grammar> {
  const found = await findGrammar();
  if (found !== undefined) return found;
  throw new MigrationError(
    'Lint needs @libpg-query/parser, a development dependency that is not installed here: npm install --save-dev @libpg-query/parser',
  );
}

/** The parser, or `undefined` if it is not installed. */
export async function findGrammar(): Promise<Grammar | undefined> {
  const parser = await import('@libpg-query/parser').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  });
  if (parser === undefined) return undefined;
  // V8 would optimize the parser's largest function beside the work: seconds of a processor and 500 MB, to save milliseconds.
  // It asks for these flags whenever a function has run for a while, so they stay for the life of the process.
  for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  await parser.loadModule();
  return {
    parse: (sql) => statementsOf(parser, sql),
    parsePlpgsql: (sql) => plpgsqlOf(parser, sql),
  };
}

type Parser = typeof import('@libpg-query/parser');

function statementsOf({ parseSync, hasSqlDetails }: Parser, sql: string): ParsedStatement[] {
  // The parser reads its input as a C string, and PostgreSQL refuses the character too.
  const zero = sql.indexOf('\0');
  if (zero !== -1) throw new SyntaxProblem('a zero character in the text', zero);
  if (sql === '') return [];
  const offsetOf = offsets(sql);
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location = 0, stmt_len = 0 }) => {
      const end = stmt_len === 0 ? sql.length : offsetOf(stmt_location + stmt_len);
      return stmt === undefined ? [] : [{ node: stmt, start: offsetOf(stmt_location), end }];
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const position = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) : 0;
    throw new SyntaxProblem(error.message, unitsIn(sql, position));
  }
}

/** Where an error is, the parser counts characters. */
function unitsIn(sql: string, characters: number): number {
  let units = 0;
  for (let count = 0; count < characters; count += 1) units += (sql.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return Math.min(units, sql.length);
}

/** Where a statement is, it counts bytes of UTF-8. */
function offsets(sql: string): (bytes: number) => number {
  const encoded = Buffer.from(sql);
  if (encoded.length === sql.length) return (bytes) => bytes;
  return (bytes) => encoded.toString('utf8', 0, bytes).length;
}

function plpgsqlOf({ parsePlPgSQLSync }: Parser, sql: string): unknown {
  try {
    return parsePlPgSQLSync(sql);
  } catch {
    return undefined;
  }
}
