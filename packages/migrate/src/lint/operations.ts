import { nameAt, skipNoise } from '../sql/names.ts';
import type { Statement } from '../sql/statements.ts';
import type { Token } from '../sql/tokens.ts';
import { keywords } from '../sql/transactions.ts';

/** One thing that a statement does to one table; `ALTER TABLE` does several at once. */
export interface Operation {
  statement: Statement;
  /** In capitals with single spaces and without the table's name for `ALTER TABLE`; the statement whole for any other. */
  words: string;
  tokens: readonly Token[];
  /** The table (view, index …) that it is about, without quotes and without `public`; empty where none is named. */
  table: string;
}

const HEADS: readonly [pattern: RegExp, word: string][] = [
  [/^CREATE (?:UNIQUE )?INDEX\b/, 'ON'],
  [/^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER\b/, 'ON'],
  [/^(?:CREATE|ALTER|DROP) POLICY\b/, 'ON'],
  [/^CREATE (?:(?:GLOBAL|LOCAL) )?(?:(?:TEMP|TEMPORARY|UNLOGGED) )?TABLE\b/, 'TABLE'],
  [/^(?:ALTER|DROP|LOCK|REINDEX) (?:FOREIGN )?TABLE\b/, 'TABLE'],
  [/^(?:DROP|REINDEX|ALTER) INDEX\b/, 'INDEX'],
  [/^TRUNCATE TABLE\b/, 'TABLE'],
  [/^TRUNCATE\b/, 'TRUNCATE'],
  [/^(?:DELETE FROM)\b/, 'FROM'],
  [/^(?:INSERT INTO)\b/, 'INTO'],
  [/^UPDATE\b/, 'UPDATE'],
  [/^(?:REFRESH|DROP|CREATE|ALTER) MATERIALIZED VIEW\b/, 'VIEW'],
  [/^(?:DROP|ALTER) VIEW\b/, 'VIEW'],
  [/^CLUSTER\b/, 'CLUSTER'],
  [/^VACUUM FULL\b/, 'FULL'],
];

/** What a statement does, taken apart. */
export function operationsOf(statement: Statement): Operation[] {
  const words = keywords(statement);
  const head = HEADS.find(([pattern]) => pattern.test(words))?.[1];
  if (head === undefined) return [{ statement, words, tokens: statement.tokens, table: '' }];
  const position = statement.tokens.findIndex(({ kind, text }) => kind === 'word' && text.toUpperCase() === head);
  const named = nameAt(statement.tokens, skipNoise(statement.tokens, position + 1));
  const table = bareName(named?.name ?? '');
  if (!/^ALTER TABLE\b/.test(words) || named === undefined)
    return [{ statement, words, tokens: statement.tokens, table }];
  return clauses(statement.tokens.slice(named.next)).map((tokens) => ({
    statement,
    words: `ALTER TABLE ${keywords({ tokens })}`,
    tokens,
    table,
  }));
}

/** A name as the catalogue has it: without quotes, and without the schema that needs no saying. */
export function bareName(name: string): string {
  const parts = name
    .split(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()));
  return parts.length === 2 && parts[0] === 'public' ? (parts[1] ?? '') : parts.join('.');
}

/** At the commas that stand in no bracket. */
function clauses(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let brackets = 0;
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') brackets += 1;
    if (token.text === ')' || token.text === ']') brackets -= 1;
    if (token.text === ',' && brackets === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
