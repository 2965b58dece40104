import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  jsonb,
  pgMaterializedView,
  pgPolicy,
  pgSequence,
  pgTable,
  pgView,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const columns = { id: integer().primaryKey(), body: text(), data: jsonb(), ended_at: timestamp() };
const docs = pgTable('docs', columns);
const rows = `insert into docs (id, body, data) values (1, 'one', '{"a": 1}'), (2, 'two', null)`;
const live = () => pgView('live_docs').as((query) => query.select({ id: docs.id, body: docs.body }).from(docs));

type Columns = Parameters<NonNullable<Parameters<typeof pgTable<'docs', typeof columns>>[2]>>[0];

const indexes = {
  plain: (t: Columns) => index('docs_idx').on(t.body),
  wider: (t: Columns) => index('docs_idx').on(t.body, t.id),
  unique: (t: Columns) => uniqueIndex('docs_body_key').on(t.body),
  partial: (t: Columns) => index('docs_open_idx').on(t.body).where(sql`ended_at is null`),
  expression: () => index('docs_lower_idx').on(sql`lower(body)`),
  gin: (t: Columns) => index('docs_data_idx').using('gin', t.data),
  descending: (t: Columns) => index('docs_desc_idx').on(t.ended_at.desc().nullsLast(), t.id.asc()),
  pattern: (t: Columns) => index('docs_pattern_idx').on(t.body.op('text_pattern_ops')),
  concurrent: (t: Columns) => index('docs_live_idx').on(t.body).concurrently(),
  old: (t: Columns) => index('old_idx').on(t.body),
  new: (t: Columns) => index('new_idx').on(t.body),
};

/** Indexes of every kind, views, sequences, row-level security. */
export const objectChanges: readonly Change[] = [
  withIndex('add an index', [], ['plain']),
  withIndex('drop an index', ['plain'], []),
  withIndex('add a unique index', [], ['unique']),
  withIndex('add a partial index', [], ['partial']),
  withIndex('add an expression index', [], ['expression']),
  withIndex('add a GIN index', [], ['gin']),
  withIndex('add a descending index', [], ['descending']),
  withIndex('add an index with an operator class', [], ['pattern']),
  withIndex('change the columns of an index', ['plain'], ['wider']),
  withIndex('add an index concurrently', [], ['concurrent']),
  withIndex('drop an index that was built concurrently', ['concurrent'], []),
  { ...withIndex('rename an index', ['old'], ['new']), rename: ['docs.old_idx:new_idx'] },
  { name: 'create a view', before: { docs }, after: { docs, live: live() }, rows },
  { name: 'drop a view', before: { docs, live: live() }, after: { docs }, rows },
  {
    name: 'change a view',
    before: { docs, live: live() },
    after: { docs, live: pgView('live_docs').as((query) => query.select({ id: docs.id }).from(docs)) },
    rows,
  },
  {
    name: 'rename a view',
    before: { docs, live: live() },
    after: {
      docs,
      live: pgView('open_docs').as((query) => query.select({ id: docs.id, body: docs.body }).from(docs)),
    },
    rename: ['live_docs:open_docs'],
    rows,
  },
  {
    name: 'create a materialized view',
    before: { docs },
    after: { docs, count: pgMaterializedView('doc_counts').as((query) => query.select({ id: docs.id }).from(docs)) },
    rows,
  },
  {
    name: 'change the type of a column under a view',
    before: { docs: pgTable('docs', columns), live: live() },
    after: (() => {
      const wider = pgTable('docs', { ...columns, body: text().notNull().default('') });
      return { wider, live: live() };
    })(),
    rows,
  },
  {
    name: 'create a sequence',
    before: {},
    after: { numbers: pgSequence('numbers', { startWith: 100, increment: 5 }) },
  },
  {
    name: 'change a sequence',
    before: { numbers: pgSequence('numbers', { startWith: 100, increment: 5 }) },
    after: { numbers: pgSequence('numbers', { startWith: 100, increment: 10, maxValue: 9000, cycle: true }) },
  },
  {
    name: 'rename a sequence',
    before: { numbers: pgSequence('numbers') },
    after: { numbers: pgSequence('digits') },
    rename: ['numbers:digits'],
  },
  { name: 'drop a sequence', before: { numbers: pgSequence('numbers') }, after: {} },
  {
    name: 'turn row-level security on',
    before: { docs },
    after: { docs: pgTable.withRLS('docs', columns) },
    rows,
  },
  {
    name: 'add a policy',
    before: { docs },
    after: { docs: withPolicy('readers', sql`id > 0`) },
    rows,
  },
  {
    name: 'change a policy',
    before: { docs: withPolicy('readers', sql`id > 0`) },
    after: { docs: withPolicy('readers', sql`id > 1`) },
    rows,
  },
  {
    name: 'rename a policy',
    before: { docs: withPolicy('readers', sql`id > 0`) },
    after: { docs: withPolicy('viewers', sql`id > 0`) },
    rename: ['docs.readers:viewers'],
    rows,
  },
  {
    name: 'drop the last policy',
    before: { docs: withPolicy('readers', sql`id > 0`) },
    after: { docs },
    rows,
  },
];

type Kind = keyof typeof indexes;

function withIndex(name: string, before: readonly Kind[], after: readonly Kind[]): Change {
  const table = (kinds: readonly Kind[]) => pgTable('docs', columns, (t) => kinds.map((kind) => indexes[kind](t)));
  return { name, before: { docs: table(before) }, after: { docs: table(after) }, rows };
}

function withPolicy(name: string, using: ReturnType<typeof sql>) {
  return pgTable('docs', columns, () => [pgPolicy(name, { for: 'select', to: 'public', using })]);
}
