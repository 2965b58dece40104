import { match } from './index-rules.ts';
import type { Rule } from './rule.ts';

/** Dangers for the rows themselves, and for code that still runs. */
export const dataRules: readonly Rule[] = [
  {
    name: 'drops-table',
    severity: 'danger',
    why: 'Its rows are gone, and no downgrade brings them back; code that still runs fails on it.',
    recipe:
      '-- when nothing reads or writes it any more, first only put it aside\nALTER TABLE {table} RENAME TO {table}_dropped;\n\n-- and drop it in a later revision',
    find: ({ words }) => match(/^DROP (?:FOREIGN )?TABLE\b|^DROP SCHEMA\b.* CASCADE$/, words),
  },
  {
    name: 'drops-column',
    severity: 'danger',
    why: 'Its values are gone, and no downgrade brings them back; code that still runs fails on it.',
    recipe:
      '-- release code that does not know the column, then\nALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;\n\n-- and in a later revision\nALTER TABLE {table} DROP COLUMN {column};',
    find: ({ words }) => {
      const column = /^ALTER TABLE DROP (?:COLUMN )?(?!CONSTRAINT\b)(?:IF EXISTS )?(\S+)/.exec(words)?.[1];
      return column === undefined ? undefined : { column };
    },
  },
  {
    name: 'deletes-all-rows',
    severity: 'danger',
    why: 'The rows are gone, and no downgrade brings them back.',
    recipe: '-- keep them first\nCREATE TABLE {table}_before AS SELECT * FROM {table};',
    find: ({ words }) => match(/^TRUNCATE\b|^DELETE FROM (?!.* WHERE )/, words),
  },
  {
    name: 'updates-all-rows',
    severity: 'danger',
    why: 'Every row is locked and written in one transaction: writers of those rows wait until its end, and the table doubles its size.',
    recipe:
      '-- in batches, each in its own transaction, from a job\nUPDATE {table} SET … WHERE id IN (SELECT id FROM {table} WHERE … IS NULL LIMIT 1000);',
    find: ({ words }) => match(/^UPDATE (?!.* WHERE )/, words),
  },
  {
    name: 'renames',
    severity: 'danger',
    why: 'Code that still runs knows the old name and fails at once; during a rolling release both names are needed.',
    recipe:
      '-- for a column: add the new one, write both, fill it, read it, drop the old one\n-- for a table: rename it and leave a view under the old name, in the same revision\nCREATE VIEW {table} AS SELECT * FROM …;',
    find: ({ words }) =>
      match(/^ALTER TABLE RENAME (?!CONSTRAINT\b)/, words) ??
      match(/^ALTER TABLE SET SCHEMA\b|^ALTER SCHEMA .* RENAME\b/, words),
  },
  {
    name: 'new-enum-value-used',
    severity: 'danger',
    why: 'A new value cannot be used in the transaction that adds it: the revision fails.',
    recipe: '-- transaction: none\n(above ALTER TYPE … ADD VALUE)',
    on_new_tables: true,
    find: ({ words, statement }, { later }) => {
      const value = /^ALTER TYPE .* ADD VALUE (?:IF NOT EXISTS )?('(?:[^']|'')*')/.exec(words)?.[1];
      const isApart = statement.comments.some((comment) => /transaction:\s*none/.test(comment));
      const isUsed = later.some((other) => !/^ALTER TYPE/.test(other.words) && other.words.includes(value ?? ''));
      return value !== undefined && !isApart && isUsed ? { name: value } : undefined;
    },
  },
];
