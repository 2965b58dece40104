import { rules } from '../rule.ts';

/** Dangers of writing a table anew. */
export const rewriteRules = rules({
  'type-change-rewrites': {
    severity: 'danger',
    why: 'The table or its indexes are written anew while every read and write of it waits, and code that runs reads the old type.',
    recipe:
      'ALTER TABLE {table} ADD COLUMN {name} …;\n\n-- write both columns from the application, fill the new one in batches, read it, then in a later revision\nALTER TABLE {table} DROP COLUMN {column};',
  },
  'volatile-default': {
    severity: 'danger',
    why: 'Each row gets a value of its own, so the table is written anew while every read and write of it waits.',
    recipe:
      'ALTER TABLE {table} ADD COLUMN {column} …;\n\nALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT …;\n\n-- then fill the old rows in batches',
  },
  'not-null-without-default': {
    severity: 'danger',
    why: 'It fails as soon as the table has a row, and code that runs and does not know the column cannot insert any more.',
    recipe: 'ALTER TABLE {table} ADD COLUMN {column} … NOT NULL DEFAULT …;',
  },
  'table-rewrites': {
    severity: 'danger',
    why: 'The table is written anew while every read and write of it waits.',
    recipe: '-- in a quiet hour, with a limit\n-- statement_timeout: 10min',
  },
  'refresh-blocks': {
    severity: 'danger',
    why: 'Every read of the view waits until it is filled anew, and fails if it is left without data.',
    recipe: 'CREATE UNIQUE INDEX ON {table} (…);\n\nREFRESH MATERIALIZED VIEW CONCURRENTLY {table};',
  },
});
