import { rules } from '../rule.ts';

/** Dangers of making and dropping indexes. */
export const indexRules = rules({
  'index-blocks-writes': {
    severity: 'danger',
    why: 'The index is built while every write to the table waits.',
    recipe: '-- transaction: none\nCREATE INDEX CONCURRENTLY {name} ON {table} (…);',
  },
  'index-on-partitioned': {
    severity: 'danger',
    why: 'PostgreSQL refuses to build an index of a partitioned table concurrently: the revision fails.',
    recipe:
      'CREATE INDEX {name} ON ONLY {table} (…);\n\n-- then for each partition\n-- transaction: none\nCREATE INDEX CONCURRENTLY … ON … (…);\n\nALTER INDEX {name} ATTACH PARTITION …;',
    on_new_relations: true,
  },
  'drop-index-blocks': {
    severity: 'danger',
    why: 'Reads and writes of the table wait until every running query of it has ended and the index is gone.',
    recipe: '-- transaction: none\nDROP INDEX CONCURRENTLY {name};',
  },
  'reindex-blocks-writes': {
    severity: 'danger',
    why: 'The index is rebuilt while every write to its table waits.',
    recipe: '-- transaction: none\nREINDEX {name} CONCURRENTLY {table};',
  },
  'refuses-transaction': {
    severity: 'danger',
    why: 'PostgreSQL refuses it in a transaction; it runs alone, and the file should say so to its reader.',
    recipe: '-- transaction: none\n(above the statement)',
    on_new_relations: true,
  },
});
