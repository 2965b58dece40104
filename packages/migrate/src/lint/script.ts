import type { Node } from '@libpg-query/parser';
import { type Grammar, type ParsedStatement, SyntaxProblem } from '../sql/grammar.ts';
import { type Statement, splitStatements } from '../sql/statements.ts';
import { isOutsideTransaction } from '../sql/transactions.ts';

/** A statement with its trees: one, unless the splitter and the grammar do not agree. */
export interface ReadStatement {
  statement: Statement;
  nodes: readonly Node[];
  /** Statements with the same number run in one transaction. */
  transaction: number;
}

/** What the grammar refuses, and where in the file, from 1. */
export interface Problem {
  message: string;
  line: number;
  column: number;
  statement: Statement | undefined;
}

export interface ReadScript {
  statements: ReadStatement[];
  problems: Problem[];
}

/** Reads a script; what the grammar refuses does not hide the statements around it. */
export function readStatements(grammar: Grammar, text: string): ReadScript {
  const statements = splitStatements(text);
  const whole = attempt(() => grammar.parse(text));
  const isSame = !(whole instanceof SyntaxProblem) && whole.length === statements.length;
  const problems: Problem[] = [];
  const nodes = statements.map((statement, index) => {
    if (isSame) return [whole[index]?.node].filter((node) => node !== undefined);
    const parsed = attempt(() => grammar.parse(statement.sql));
    if (!(parsed instanceof SyntaxProblem)) return parsed.map(({ node }) => node);
    problems.push({ ...placeIn(statement, parsed.offset), message: parsed.message, statement });
    return [];
  });
  // A comment without an end is in no statement.
  if (whole instanceof SyntaxProblem && problems.length === 0)
    problems.push({ ...placeOf(text, whole.offset), message: whole.message, statement: undefined });
  return { statements: inTransactions(statements, nodes), problems };
}

function attempt(parse: () => ParsedStatement[]): ParsedStatement[] | SyntaxProblem {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

function placeIn({ sql, line, column }: Statement, offset: number): { line: number; column: number } {
  const place = placeOf(sql, offset);
  return { line: line + place.line - 1, column: place.line === 1 ? column + place.column - 1 : place.column };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function inTransactions(statements: readonly Statement[], nodes: readonly (readonly Node[])[]): ReadStatement[] {
  let transaction = 0;
  return statements.map((statement, index) => {
    const own = nodes[index] ?? [];
    const isApart = isOutsideTransaction(statement) || own.some((node) => 'TransactionStmt' in node);
    if (isApart) transaction += 1;
    const read = { statement, nodes: own, transaction };
    if (isApart) transaction += 1;
    return read;
  });
}
