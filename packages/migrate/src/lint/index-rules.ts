import { isMarkedOutside, refusesTransaction } from '../sql/transactions.ts';
import type { Rule } from './rule.ts';

/** Dangers of making and dropping indexes. */
export const indexRules: readonly Rule[] = [
  {
    name: 'index-blocks-writes',
    severity: 'danger',
    why: 'The index is built while every write to the table waits.',
    recipe: '-- transaction: none\nCREATE INDEX CONCURRENTLY {name} ON {table} (…);',
    find: ({ words }) => match(/^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(\S+)/, words),
  },
  {
    name: 'drop-index-blocks',
    severity: 'danger',
    why: 'Reads and writes of the table wait until every running query of it has ended and the index is gone.',
    recipe: '-- transaction: none\nDROP INDEX CONCURRENTLY {table};',
    on_new_tables: true,
    find: ({ words }) => match(/^DROP INDEX (?!CONCURRENTLY)/, words),
  },
  {
    name: 'reindex-blocks-writes',
    severity: 'danger',
    why: 'The index is rebuilt while every write to its table waits.',
    recipe: '-- transaction: none\nREINDEX INDEX CONCURRENTLY {table};',
    find: ({ words }) => match(/^REINDEX (?!.*\bCONCURRENTLY\b)/, words),
  },
  {
    name: 'refuses-transaction',
    severity: 'danger',
    why: 'PostgreSQL refuses it in a transaction; it runs alone, and the file should say so to its reader.',
    recipe: '-- transaction: none\n(above the statement)',
    on_new_tables: true,
    find: ({ statement }) => (refusesTransaction(statement) && !isMarkedOutside(statement) ? {} : undefined),
  },
];

/** The first group of a pattern as the name for the recipe. */
export function match(pattern: RegExp, words: string): { name?: string } | undefined {
  const found = pattern.exec(words);
  if (found === null) return undefined;
  return found[1] === undefined ? {} : { name: found[1] };
}
