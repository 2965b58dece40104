import { match } from './index-rules.ts';
import { bareName } from './operations.ts';
import type { Rule } from './rule.ts';

/** Functions whose value is one for the whole statement, so that no row has to be written for it. */
const STEADY =
  /\b(NOW|CURRENT_TIMESTAMP|CURRENT_DATE|LOCALTIMESTAMP|TRANSACTION_TIMESTAMP|STATEMENT_TIMESTAMP|CURRENT_USER|CURRENT_SETTING|TO_TIMESTAMP|MAKE_INTERVAL|LOWER|UPPER|JSONB_BUILD_OBJECT|NUMERIC|VARCHAR|CHAR|TIMESTAMP|TIMESTAMPTZ|TIME|BIT|INTERVAL) \(/g;
const ADDS_COLUMN =
  /^ALTER TABLE ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!CONSTRAINT|UNIQUE|PRIMARY|CHECK|FOREIGN|EXCLUDE)(\S+) /;

/** Dangers of writing a table anew. */
export const rewriteRules: readonly Rule[] = [
  {
    name: 'type-change-rewrites',
    severity: 'danger',
    why: 'The table and its indexes are written anew while every read and write of it waits, and code that runs reads the old type.',
    recipe:
      'ALTER TABLE {table} ADD COLUMN {name} …;\n\n-- write both columns from the application, fill the new one in batches, read it, then in a later revision\nALTER TABLE {table} DROP COLUMN {column};',
    find: ({ words, table }, { typeBefore }) => {
      const [, column, type] = /^ALTER TABLE ALTER (?:COLUMN )?(\S+) (?:SET DATA )?TYPE (.+)$/.exec(words) ?? [];
      if (column === undefined || type === undefined) return undefined;
      const before = typeBefore(table, bareName(column));
      if (before !== undefined && isWidening(before, type)) return undefined;
      return { column, name: `new_${bareName(column)}` };
    },
  },
  {
    name: 'volatile-default',
    severity: 'danger',
    why: 'Each row gets a value of its own, so the table is written anew while every read and write of it waits.',
    recipe:
      'ALTER TABLE {table} ADD COLUMN {column} …;\n\nALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT …;\n\n-- then fill the old rows in batches',
    find: ({ words }) => {
      const column = ADDS_COLUMN.exec(words)?.[1];
      if (column === undefined) return undefined;
      const expression = / DEFAULT (.+)$/.exec(words)?.[1]?.replaceAll(STEADY, ' ') ?? '';
      const isVolatile = /[A-Z_"] \(/.test(expression.replaceAll(/\b(?:CHECK|REFERENCES \S+|AND|OR|IN|ANY) \(/g, ' '));
      const isCounted =
        /^ALTER TABLE ADD (?:COLUMN )?\S+ (?:BIG|SMALL)?SERIAL\b| GENERATED (?:ALWAYS|BY DEFAULT) AS /.test(words);
      return isVolatile || isCounted ? { column } : undefined;
    },
  },
  {
    name: 'not-null-without-default',
    severity: 'danger',
    why: 'It fails as soon as the table has a row, and code that runs and does not know the column cannot insert any more.',
    recipe: 'ALTER TABLE {table} ADD COLUMN {column} … NOT NULL DEFAULT …;',
    find: ({ words }) => {
      const column = ADDS_COLUMN.exec(words)?.[1];
      const isFilled = / DEFAULT | GENERATED |\bSERIAL\b|BIGSERIAL/.test(words);
      return column !== undefined && / NOT NULL\b/.test(words) && !isFilled ? { column } : undefined;
    },
  },
  {
    name: 'table-rewrites',
    severity: 'danger',
    why: 'The table is written anew while every read and write of it waits.',
    recipe: '-- in a quiet hour, with a limit\n-- statement_timeout: 10min',
    find: ({ words }) =>
      match(/^(?:VACUUM FULL|CLUSTER)\b/, words) ??
      match(/^ALTER TABLE SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)\b/, words),
  },
  {
    name: 'refresh-blocks',
    severity: 'danger',
    why: 'Every read of the view waits until it is filled anew.',
    recipe: 'CREATE UNIQUE INDEX ON {table} (…);\n\nREFRESH MATERIALIZED VIEW CONCURRENTLY {table};',
    find: ({ words }) => match(/^REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)(?!.* WITH NO DATA$)/, words),
  },
];

/** Changes that only touch the catalogue: the rows stay as they are. */
function isWidening(before: string, after: string): boolean {
  const target = after.replace(/ USING .*$/, '').toLowerCase();
  const limit = (type: string): number => Number(/\( ?(\d+) ?\)/.exec(type)?.[1] ?? Number.POSITIVE_INFINITY);
  const isText = (type: string): boolean => /^(?:character varying|varchar|text)\b/.test(type);
  return isText(before) && isText(target) && limit(target) >= limit(before);
}
