import { sql } from 'drizzle-orm';
import { type AnyPgColumn, check, foreignKey, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const accounts = pgTable('accounts', { id, email: text() });
const rows = `insert into accounts (id, email) values (1, 'a@x'), (2, 'b@x')`;
const owned = `${rows}; insert into items (id, owner_id) values (1, 1), (2, 2)`;
type Action = 'cascade' | 'restrict' | 'no action' | 'set null' | 'set default';

/** Unique constraints, foreign keys with every action, self and cyclic references, checks, and their names. */
export const constraintChanges: readonly Change[] = [
  {
    name: 'add a unique constraint',
    before: { accounts },
    after: { accounts: pgTable('accounts', { id, email: text().unique() }) },
    rows,
  },
  {
    name: 'drop a unique constraint',
    before: { accounts: pgTable('accounts', { id, email: text().unique() }) },
    after: { accounts },
    rows,
  },
  {
    name: 'rename a unique constraint',
    before: { accounts: pgTable('accounts', { id, email: text().unique('old_key') }) },
    after: { accounts: pgTable('accounts', { id, email: text().unique('new_key') }) },
    rename: ['accounts.old_key:new_key'],
    rows,
  },
  {
    name: 'widen a unique constraint under its name',
    before: {
      accounts: pgTable('accounts', { id, email: text(), tenant: integer() }, (t) => [unique('one').on(t.email)]),
    },
    after: {
      accounts: pgTable('accounts', { id, email: text(), tenant: integer() }, (t) => [
        unique('one').on(t.tenant, t.email),
      ]),
    },
    rows,
  },
  {
    name: 'unique nulls not distinct',
    before: { accounts },
    after: {
      accounts: pgTable('accounts', { id, email: text() }, (t) => [unique('one').on(t.email).nullsNotDistinct()]),
    },
    rows,
  },
  {
    name: 'rename a primary key',
    before: { accounts: pgTable('accounts', { id: integer() }, (t) => [primaryKey({ name: 'old', columns: [t.id] })]) },
    after: { accounts: pgTable('accounts', { id: integer() }, (t) => [primaryKey({ name: 'new', columns: [t.id] })]) },
    rename: ['accounts.old:new'],
    rows: 'insert into accounts values (1)',
  },
  {
    name: 'add a check',
    before: { accounts },
    after: {
      accounts: pgTable('accounts', { id, email: text() }, (t) => [
        check('has_at', sql`position('@' in ${t.email}) > 0`),
      ]),
    },
    rows,
  },
  {
    name: 'change a check',
    before: { accounts: pgTable('accounts', { id, email: text() }, (t) => [check('positive', sql`${t.id} > 0`)]) },
    after: { accounts: pgTable('accounts', { id, email: text() }, (t) => [check('positive', sql`${t.id} >= 1`)]) },
    rows,
  },
  {
    name: 'drop a check',
    before: { accounts: pgTable('accounts', { id, email: text() }, (t) => [check('positive', sql`${t.id} > 0`)]) },
    after: { accounts },
    rows,
  },
  {
    name: 'rename a check',
    before: { accounts: pgTable('accounts', { id, email: text() }, (t) => [check('old', sql`${t.id} > 0`)]) },
    after: { accounts: pgTable('accounts', { id, email: text() }, (t) => [check('new', sql`${t.id} > 0`)]) },
    rename: ['accounts.old:new'],
    rows,
  },
  ...(['cascade', 'restrict', 'no action', 'set null', 'set default'] as const).map((action) => ({
    name: `add a foreign key on delete ${action}`,
    before: { accounts, items: pgTable('items', { id, owner_id: integer() }) },
    after: { accounts, items: items({ onDelete: action }) },
    rows: owned,
  })),
  {
    name: 'add a foreign key on update cascade',
    before: { accounts, items: pgTable('items', { id, owner_id: integer() }) },
    after: { accounts, items: items({ onUpdate: 'cascade' }) },
    rows: owned,
  },
  {
    name: 'change the action of a foreign key',
    before: { accounts, items: items({ onDelete: 'cascade' }) },
    after: { accounts, items: items({ onDelete: 'set null', onUpdate: 'cascade' }) },
    rows: owned,
  },
  {
    name: 'drop a foreign key',
    before: { accounts, items: items({ onDelete: 'cascade' }) },
    after: { accounts, items: pgTable('items', { id, owner_id: integer() }) },
    rows: owned,
  },
  {
    name: 'rename a foreign key',
    before: { accounts, items: items({}, 'old_fkey') },
    after: { accounts, items: items({}, 'new_fkey') },
    rename: ['items.old_fkey:new_fkey'],
    rows: owned,
  },
  {
    name: 'add a self reference',
    before: { nodes: pgTable('nodes', { id, parent: integer() }) },
    after: {
      nodes: pgTable('nodes', { id, parent: integer() }, (t) => [
        foreignKey({ columns: [t.parent], foreignColumns: [t.id] }),
      ]),
    },
    rows: 'insert into nodes values (1, null), (2, 1)',
  },
  { name: 'create two tables that refer to each other', before: {}, after: cyclic() },
  {
    name: 'drop two tables that refer to each other',
    before: cyclic(),
    after: {},
    rows: 'insert into hens values (1, null); insert into eggs values (1, 1)',
    loses: 'both tables go',
  },
  {
    name: 'add a composite foreign key',
    before: seats({ refers: false }),
    after: seats({ refers: true }),
    rows: 'insert into seats values (1, 1); insert into bookings values (1, 1, 1)',
  },
];

function items(actions: { onDelete?: Action; onUpdate?: Action }, name = 'items_owner_fkey') {
  return pgTable('items', { id, owner_id: integer() }, (t) => {
    const key = foreignKey({ name, columns: [t.owner_id], foreignColumns: [accounts.id] });
    if (actions.onDelete) key.onDelete(actions.onDelete);
    if (actions.onUpdate) key.onUpdate(actions.onUpdate);
    return [key];
  });
}

function cyclic(): Record<string, unknown> {
  const hens = pgTable('hens', { id, egg_id: integer().references((): AnyPgColumn => eggs.id) });
  const eggs = pgTable('eggs', { id, hen_id: integer().references((): AnyPgColumn => hens.id) });
  return { hens, eggs };
}

function seats({ refers }: { refers: boolean }): Record<string, unknown> {
  const seats = pgTable('seats', { row: integer().notNull(), place: integer().notNull() }, (t) => [
    primaryKey({ columns: [t.row, t.place] }),
  ]);
  const bookings = pgTable('bookings', { id, row: integer(), place: integer() }, (t) =>
    refers
      ? [foreignKey({ name: 'seat_fkey', columns: [t.row, t.place], foreignColumns: [seats.row, seats.place] })]
      : [],
  );
  return { seats, bookings };
}
