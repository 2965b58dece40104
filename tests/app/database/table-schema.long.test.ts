import { getTableConfig, pgSchema, pgTable, text } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import { holdTableSchema } from '../../../src/app/database/table-schema.ts';

const books = pgTable('books', { title: text() });
const ledgers = pgSchema('billing').table('ledgers', { title: text() });

it('a model moves to the configured schema and back; one with a pgSchema of its own stays', () => {
  const release = holdTableSchema([books, ledgers], 'library');
  expect([books, ledgers].map((table) => getTableConfig(table).schema)).toEqual(['library', 'billing']);
  release();
  release();
  holdTableSchema([books, ledgers], 'public')();
  expect([books, ledgers].map((table) => getTableConfig(table).schema)).toEqual([undefined, 'billing']);
});
