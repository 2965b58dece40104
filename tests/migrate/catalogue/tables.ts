import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  date,
  foreignKey,
  integer,
  jsonb,
  numeric,
  pgSchema,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const two = `insert into notes (id, body) values (1, 'one'), (2, 'two')`;
const notes = pgTable('notes', { id, body: text() });
const billing = pgSchema('billing');
const finance = pgSchema('finance');

/** Tables, columns, defaults, NOT NULL, identities, generated columns, schemas. */
export const tableChanges: readonly Change[] = [
  { name: 'create a table', before: {}, after: { notes } },
  { name: 'drop a table', before: { notes }, after: {}, rows: two, loses: 'the table goes' },
  {
    name: 'rename a table',
    before: { notes },
    after: { notes: pgTable('memos', { id, body: text() }) },
    rename: ['notes:memos'],
    rows: two,
  },
  {
    name: 'rename a table and one of its columns at once',
    before: { notes },
    after: { notes: pgTable('memos', { id, content: text() }) },
    rename: ['notes:memos', 'memos.body:content'],
    rows: two,
  },
  {
    name: 'rename a table that others refer to',
    before: { notes, tags: pgTable('tags', { id, note_id: integer().references(() => notes.id) }) },
    after: (() => {
      const memos = pgTable('memos', { id, body: text() });
      return { memos, tags: pgTable('tags', { id, note_id: integer().references(() => memos.id) }) };
    })(),
    rename: ['notes:memos'],
    rows: `${two}; insert into tags values (1, 2)`,
  },
  {
    name: 'add columns of the common types',
    before: { notes },
    after: {
      notes: pgTable('notes', {
        id,
        body: text(),
        a: uuid(),
        b: varchar({ length: 40 }),
        c: numeric({ precision: 12, scale: 2 }),
        d: timestamp({ withTimezone: true }),
        e: timestamp({ precision: 3 }),
        f: date(),
        g: jsonb(),
        h: boolean(),
        i: bigint({ mode: 'bigint' }),
      }),
    },
    rows: two,
  },
  {
    name: 'drop a column',
    before: { notes: pgTable('notes', { id, body: text(), extra: text() }) },
    after: { notes },
    rows: `insert into notes values (1, 'one', 'gone')`,
    loses: 'the column goes',
  },
  {
    name: 'rename a column',
    before: { notes },
    after: { notes: pgTable('notes', { id, content: text() }) },
    rename: ['notes.body:content'],
    rows: two,
  },
  {
    name: 'rename two columns crosswise with a third',
    before: { notes: pgTable('notes', { id, a: text(), b: text() }) },
    after: { notes: pgTable('notes', { id, c: text(), d: text() }) },
    rename: ['notes.a:d', 'notes.b:c'],
    rows: `insert into notes values (1, 'a', 'b')`,
  },
  {
    name: 'add a NOT NULL column with a default',
    before: { notes },
    after: { notes: pgTable('notes', { id, body: text(), rank: integer().notNull().default(0) }) },
    rows: two,
  },
  {
    name: 'set NOT NULL',
    before: { notes },
    after: { notes: pgTable('notes', { id, body: text().notNull() }) },
    rows: two,
  },
  {
    name: 'drop NOT NULL',
    before: { notes: pgTable('notes', { id, body: text().notNull() }) },
    after: { notes },
    rows: two,
  },
  {
    name: 'set a default',
    before: { notes },
    after: { notes: pgTable('notes', { id, body: text().default("it's") }) },
    rows: two,
  },
  {
    name: 'change a default',
    before: { notes: pgTable('notes', { id, body: text(), rank: integer().default(1) }) },
    after: { notes: pgTable('notes', { id, body: text(), rank: integer().default(2) }) },
    rows: two,
  },
  {
    name: 'drop a default',
    before: { notes: pgTable('notes', { id, body: text(), at: timestamp({ withTimezone: true }).defaultNow() }) },
    after: { notes: pgTable('notes', { id, body: text(), at: timestamp({ withTimezone: true }) }) },
    rows: two,
  },
  {
    name: 'set an expression default',
    before: { notes: pgTable('notes', { id, key: uuid() }) },
    after: { notes: pgTable('notes', { id, key: uuid().default(sql`gen_random_uuid()`) }) },
    rows: `insert into notes (id) values (1)`,
  },
  {
    name: 'make a column an identity',
    before: { notes: pgTable('notes', { id: integer().primaryKey() }) },
    after: { notes: pgTable('notes', { id: integer().primaryKey().generatedAlwaysAsIdentity() }) },
    rows: 'insert into notes values (1), (2)',
  },
  {
    name: 'change the options of an identity',
    before: { notes: pgTable('notes', { id: integer().primaryKey().generatedAlwaysAsIdentity() }) },
    after: {
      notes: pgTable('notes', {
        id: integer().primaryKey().generatedByDefaultAsIdentity({ increment: 10, cache: 5 }),
      }),
    },
    rows: 'insert into notes default values',
  },
  {
    name: 'take the identity off a column',
    before: { notes: pgTable('notes', { id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity() }) },
    after: { notes: pgTable('notes', { id: bigint({ mode: 'number' }).primaryKey() }) },
    rows: 'insert into notes default values',
  },
  {
    name: 'add a generated column',
    before: { notes },
    after: { notes: pgTable('notes', { id, body: text(), loud: text().generatedAlwaysAs(sql`upper(body)`) }) },
    rows: two,
  },
  {
    name: 'change the expression of a generated column',
    before: { notes: pgTable('notes', { id, body: text(), loud: text().generatedAlwaysAs(sql`upper(body)`) }) },
    after: { notes: pgTable('notes', { id, body: text(), loud: text().generatedAlwaysAs(sql`lower(body)`) }) },
    rows: two,
  },
  {
    name: 'make a generated column an ordinary one',
    before: { notes: pgTable('notes', { id, body: text(), loud: text().generatedAlwaysAs(sql`upper(body)`) }) },
    after: { notes: pgTable('notes', { id, body: text(), loud: text() }) },
    rows: two,
  },
  {
    name: 'add a table with a serial key',
    before: {},
    after: { notes: pgTable('notes', { id: serial().primaryKey(), big: bigserial({ mode: 'number' }).notNull() }) },
  },
  {
    name: 'make an integer key a serial one',
    before: { notes: pgTable('notes', { id: integer().primaryKey() }) },
    after: { notes: pgTable('notes', { id: serial().primaryKey() }) },
    rows: 'insert into notes values (1), (2)',
  },
  {
    name: 'add a composite primary key',
    before: { seats: pgTable('seats', { row: integer().notNull(), number: integer().notNull() }) },
    after: {
      seats: pgTable('seats', { row: integer().notNull(), number: integer().notNull() }, (t) => [
        primaryKey({ columns: [t.row, t.number] }),
      ]),
    },
    rows: 'insert into seats values (1, 1), (1, 2)',
  },
  {
    name: 'widen a composite primary key',
    before: {
      seats: pgTable('seats', { a: integer().notNull(), b: integer().notNull(), c: integer().notNull() }, (t) => [
        primaryKey({ name: 'seats_key', columns: [t.a, t.b] }),
      ]),
    },
    after: {
      seats: pgTable('seats', { a: integer().notNull(), b: integer().notNull(), c: integer().notNull() }, (t) => [
        primaryKey({ name: 'seats_key', columns: [t.a, t.b, t.c] }),
      ]),
    },
    rows: 'insert into seats values (1, 1, 1), (1, 2, 1)',
  },
  { name: 'create a schema with a table', before: {}, after: { billing, bills: billing.table('bills', { id }) } },
  {
    name: 'rename a schema',
    before: { billing, bills: billing.table('bills', { id }) },
    after: { finance, bills: finance.table('bills', { id }) },
    rename: ['billing:finance'],
    rows: 'insert into billing.bills values (1)',
  },
  {
    name: 'move a table into another schema',
    before: { billing, finance, bills: billing.table('bills', { id }) },
    after: { billing, finance, bills: finance.table('bills', { id }) },
    rename: ['billing.bills:finance.bills'],
    rows: 'insert into billing.bills values (1)',
  },
  {
    name: 'refer from one schema into another',
    before: { billing, notes, bills: billing.table('bills', { id, note_id: integer() }) },
    after: {
      billing,
      notes,
      bills: billing.table('bills', { id, note_id: integer() }, (t) => [
        foreignKey({ name: 'bills_note_fkey', columns: [t.note_id], foreignColumns: [notes.id] }),
      ]),
    },
    rows: `${two}; insert into billing.bills values (1, 2)`,
  },
];
