import { sql } from 'drizzle-orm';
import { bigint, bigserial, integer, pgSchema, pgSequence, pgTable, serial, smallint, text } from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const plain = pgTable('t', { id: integer().primaryKey() });
const rows = 'insert into t values (1), (2), (7)';
const billing = pgSchema('billing');
const table = (column: unknown) => pgTable('t', { id: column as ReturnType<typeof integer> });
const numbered = (name: string, before: unknown, after: unknown, given = rows): Change => ({
  name: `number a column that has rows: ${name}`,
  before: { t: before },
  after: { t: after },
  rows: given,
});

/** A number that was given out is not given out again: after every step the next one follows the greatest. */
export const numberChanges: readonly Change[] = [
  numbered('always', plain, table(integer().primaryKey().generatedAlwaysAsIdentity())),
  numbered('by default', plain, table(integer().primaryKey().generatedByDefaultAsIdentity())),
  numbered('from a thousand', plain, table(integer().primaryKey().generatedAlwaysAsIdentity({ startWith: 1000 }))),
  numbered('by tens', plain, table(integer().primaryKey().generatedAlwaysAsIdentity({ increment: 10, cache: 3 }))),
  numbered(
    'a bigint',
    table(bigint({ mode: 'number' }).primaryKey()),
    table(bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()),
  ),
  numbered('a smallint', table(smallint().primaryKey()), table(smallint().primaryKey().generatedAlwaysAsIdentity())),
  numbered('serial', plain, table(serial().primaryKey())),
  numbered(
    'serial to identity',
    table(serial().primaryKey()),
    table(integer().primaryKey().generatedAlwaysAsIdentity()),
    'insert into t default values; insert into t default values',
  ),
  numbered(
    'serial to bigserial',
    table(serial().primaryKey()),
    table(bigserial({ mode: 'number' }).primaryKey()),
    'insert into t default values',
  ),
  numbered(
    'identity to a wider one',
    table(integer().primaryKey().generatedAlwaysAsIdentity()),
    table(bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()),
    'insert into t default values',
  ),
  numbered('and widen it', plain, table(bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity())),
  {
    name: 'number a column of a name in quotes in another schema',
    before: { billing, t: billing.table('Bills', { 'No.': integer('No.').primaryKey() }) },
    after: { billing, t: billing.table('Bills', { 'No.': integer('No.').primaryKey().generatedAlwaysAsIdentity() }) },
    rows: 'insert into billing."Bills" values (1), (2)',
  },
  {
    name: 'number an empty table',
    before: { t: plain },
    after: { t: table(integer().primaryKey().generatedAlwaysAsIdentity()) },
  },
  {
    name: 'take the number from a new sequence',
    before: { t: plain },
    after: { numbers: pgSequence('numbers'), t: table(integer().primaryKey().default(sql`nextval('numbers')`)) },
    rows,
  },
  {
    name: 'take the identity off a column that goes on by hand',
    before: { t: table(integer().primaryKey().generatedByDefaultAsIdentity()) },
    after: { t: plain },
    rows: 'insert into t default values',
  },
  {
    name: 'make a serial column a plain one',
    before: { t: table(serial().primaryKey()) },
    after: { t: plain },
    rows: 'insert into t default values',
  },
  {
    name: 'add a numbered column to rows',
    before: { t: pgTable('t', { body: text() }) },
    after: { t: pgTable('t', { body: text(), no: integer().generatedAlwaysAsIdentity(), s: serial() }) },
    rows: `insert into t values ('a'), ('b')`,
  },
];
