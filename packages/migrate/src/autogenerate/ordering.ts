import { splitStatements } from '../sql/statements.ts';
import { tokenize } from '../sql/tokens.ts';
import { OUTSIDE_MARK, refusesTransaction } from '../sql/transactions.ts';
import type { Snapshot } from './snapshot.ts';
import { wordsIn } from './words.ts';

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

/** Statements about views in an order that PostgreSQL takes: one that reads another is made after it, and goes before it. */
export function viewsInOrder(statements: readonly string[], from: Snapshot, to: Snapshot): string[] {
  const drops = ranked(
    statements.filter((statement) => isOfView(statement, 'DROP')),
    from,
  ).reverse();
  const creates = ranked(
    statements.filter((statement) => isOfView(statement, 'CREATE')),
    to,
  );
  return statements.map((statement) => {
    if (isOfView(statement, 'DROP')) return drops.shift() ?? statement;
    return isOfView(statement, 'CREATE') ? (creates.shift() ?? statement) : statement;
  });
}

/** Those that read nothing of the others first. */
function ranked(statements: readonly string[], { ddl }: Snapshot): string[] {
  const views = statements.map((statement) => viewOf(statement));
  const words = new Map(
    ddl.filter(({ entityType }) => entityType === 'views').map(({ name, definition }) => [name, wordsIn(definition)]),
  );
  const depth = (name: string, above: readonly string[]): number => {
    const below = views.filter((other) => other !== name && !above.includes(other) && words.get(name)?.has(other));
    return below.length === 0 ? 0 : 1 + Math.max(...below.map((other) => depth(other, [...above, name])));
  };
  return statements
    .map((statement) => ({ statement, rank: depth(viewOf(statement), []) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ statement }) => statement);
}

function isOfView(statement: string, verb: 'CREATE' | 'DROP'): boolean {
  return statement.startsWith(verb) && viewOf(statement) !== '';
}

function viewOf(statement: string): string {
  const name =
    /^(?:CREATE|DROP) (?:MATERIALIZED )?VIEW (?:"(?:[^"]|"")+"\.)?"((?:[^"]|"")+)"/.exec(statement)?.[1] ?? '';
  return name.replaceAll('""', '"');
}

/** The statements as a file shows them: one a paragraph, marked if they have to run outside of a transaction. */
export function paragraphs(statements: readonly string[]): string {
  const texts = statements.map((statement, index) => {
    const sql = ended(withoutTabs(statement.trim()));
    const runsOutside =
      splitStatements(sql).some(refusesTransaction) || isNewValueUsed(sql, statements.slice(index + 1));
    return runsOutside ? `${OUTSIDE_MARK}\n${sql}` : sql;
  });
  return texts.length === 0 ? '' : `${texts.join('\n\n')}\n`;
}

/** drizzle-kit indents by tabs; those between quotes are the model's own. */
function withoutTabs(sql: string): string {
  return [...tokenize(sql)].map(({ kind, text }) => (kind === 'space' ? text.replaceAll('\t', '  ') : text)).join('');
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
  if (value === undefined) return false;
  const isUsed = (other: string): boolean => other.includes(value) || arrayValuesIn(other).has(value);
  return later.some((other) => !/^ALTER TYPE/.test(other) && isUsed(other));
}

/** What stands in the arrays of a statement, `'{a,"b c"}'`, each as a text of its own. */
function arrayValuesIn(statement: string): Set<string> {
  const lists = [...statement.matchAll(/'\{((?:[^']|'')*)\}'/g)].map(([, list = '']) => list);
  const values = lists.flatMap((list) => list.match(/"(?:[^"\\]|\\.)*"|[^,{}]+/g) ?? []);
  return new Set(values.map((value) => `'${value.replace(/^"(.*)"$/s, '$1').replaceAll(/\\(.)/gs, '$1')}'`));
}
