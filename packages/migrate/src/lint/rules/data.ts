import { rules } from '../rule.ts';

/** Dangers for the rows themselves, and for code that still runs. */
export const dataRules = rules({
  'drops-table': {
    severity: 'danger',
    why: 'Its rows are gone, and no downgrade brings them back; code that still runs fails on it.',
    recipe:
      '-- when nothing reads or writes it any more, first only put it aside\nALTER TABLE {table} RENAME TO {name};\n\n-- and drop it in a later revision',
  },
  'drops-column': {
    severity: 'danger',
    why: 'Its values are gone, and no downgrade brings them back; code that still runs fails on it.',
    recipe:
      '-- release code that does not know the column, then\nALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;\n\n-- and in a later revision\nALTER TABLE {table} DROP COLUMN {column};',
  },
  'drops-dependents': {
    severity: 'danger',
    why: 'CASCADE drops everything that depends on it, such as views, triggers, policies, defaults and foreign keys, without naming them.',
    recipe: '-- without CASCADE PostgreSQL names what depends on it: drop that by its name first',
  },
  'deletes-all-rows': {
    severity: 'danger',
    why: 'The rows are gone, and no downgrade brings them back.',
    recipe: '-- keep them first\nCREATE TABLE {name} AS SELECT * FROM {table};',
  },
  'updates-all-rows': {
    severity: 'danger',
    why: 'Every row is locked and written in one transaction: writers of those rows wait until its end, and the table doubles its size.',
    recipe:
      '-- in batches, each in its own transaction, from a job\nUPDATE {table} SET … WHERE id IN (SELECT id FROM {table} WHERE … IS NULL LIMIT 1000);',
  },
  renames: {
    severity: 'danger',
    why: 'Code that still runs knows the old name and fails at once; during a rolling release both names are needed.',
    recipe:
      '-- for a column: add the new one, write both, fill it, read it, drop the old one\n-- for a table: rename it and leave a view under the old name, in the same revision\nCREATE VIEW {table} AS SELECT * FROM …;',
  },
  'new-enum-value-used': {
    severity: 'danger',
    why: 'A new value cannot be used in the transaction that adds it: the revision fails.',
    recipe: '-- transaction: none\n(above ALTER TYPE … ADD VALUE)',
    on_new_relations: true,
  },
});
