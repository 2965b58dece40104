import { splitStatements } from '../sql/statements.ts';
import { OUTSIDE_MARK, refusesTransaction } from '../sql/transactions.ts';
import type { Snapshot } from './kit.ts';

/**
 * Mends what the generated statements would stumble over: a generated column has to go before the type under it changes and
 * come after it, a sequence says NO CYCLE by leaving it out, and a new enum value cannot be used in the transaction that adds it.
 */
export function mended(statements: readonly string[], from: Snapshot): string[] {
  const early: string[] = [];
  const middle: string[] = [];
  const late: string[] = [];
  const changesType = statements.some((statement) => / SET DATA TYPE /.test(statement));
  for (const statement of statements.map(withCycle)) {
    if (changesType && dropsGenerated(statement, from)) early.push(statement);
    else if (changesType && / ADD COLUMN .* GENERATED ALWAYS AS \(/s.test(statement)) late.push(statement);
    else middle.push(statement);
  }
  return [...early, ...middle, ...late];
}

/** The statements as a file shows them: one a paragraph, marked where they have to run outside of a transaction. */
export function paragraphs(statements: readonly string[]): string {
  const texts = statements.map((statement, index) => {
    const sql = ended(statement.trim().replaceAll('\t', '  '));
    const runsOutside =
      splitStatements(sql).some(refusesTransaction) || isNewValueUsed(sql, statements.slice(index + 1));
    return runsOutside ? `${OUTSIDE_MARK}\n${sql}` : sql;
  });
  return texts.length === 0 ? '' : `${texts.join('\n\n')}\n`;
}

function ended(sql: string): string {
  return sql.endsWith(';') ? sql : `${sql};`;
}

function withCycle(statement: string): string {
  return statement.replace(/^(ALTER SEQUENCE .* CACHE \d+)\s*;$/s, '$1 NO CYCLE;');
}

function dropsGenerated(statement: string, from: Snapshot): boolean {
  const [, table, column] = /^ALTER TABLE (\S+) DROP COLUMN "([^"]+)"/.exec(statement) ?? [];
  return from.ddl.some(
    (item) =>
      item.entityType === 'columns' &&
      item.name === column &&
      item.generated != null &&
      table?.endsWith(`"${item.table}"`),
  );
}

function isNewValueUsed(statement: string, later: readonly string[]): boolean {
  const value = /^ALTER TYPE \S+ ADD VALUE (?:IF NOT EXISTS )?('(?:[^']|'')*')/.exec(statement)?.[1];
  return value !== undefined && later.some((other) => !/^ALTER TYPE/.test(other) && other.includes(value));
}
