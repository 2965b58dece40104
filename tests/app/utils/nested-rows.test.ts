import { asc, eq, gt } from 'drizzle-orm';
import {
  bigint,
  boolean,
  bytea,
  date,
  integer,
  jsonb,
  numeric,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { moment, primaryId, timestamps } from '../../../src/app/utils/columns.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { rowsOf } from '../../../src/app/utils/nested-rows.ts';
import { newestFirst, paginate } from '../../../src/app/utils/pages.ts';
import { startApi } from '../../helpers/api.ts';

const shelves = pgTable('shelves', { id: primaryId(), name: text().notNull() });
const copies = pgTable('copies', {
  id: primaryId(),
  shelf_id: uuid().notNull(),
  "it's": text().notNull(),
  number: integer().notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  is_lent: boolean().notNull(),
  price: numeric({ precision: 12, scale: 2 }).notNull(),
  printed_on: date(),
  due_at: moment(),
  words: text().array().notNull(),
  meta: jsonb().notNull(),
  ...timestamps(),
});
const { shelf_id: _shelf, ...FIELDS } = {
  id: copies.id,
  shelf_id: copies.shelf_id,
  "it's": copies["it's"],
  number: copies.number,
  size: copies.size,
  is_lent: copies.is_lent,
  price: copies.price,
  printed_on: copies.printed_on,
  due_at: copies.due_at,
  words: copies.words,
  meta: copies.meta,
  created_at: copies.created_at,
};

const api = startApi();
const [full, empty] = [newId(), newId()];

beforeAll(async () => {
  await api.sql(`create table shelves (id uuid primary key, name text not null)`);
  await api.sql(`create table copies (id uuid primary key, shelf_id uuid not null, "it's" text not null, number int not null, size bigint not null,
    is_lent boolean not null, price numeric(12, 2) not null, printed_on date, due_at timestamptz(3), words text[] not null, meta jsonb not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  const { db } = api.app.ctx;
  await db.insert(shelves).values([
    { id: full, name: 'full' },
    { id: empty, name: 'empty' },
  ]);
  await db.insert(copies).values(
    [1, 2, 3].map((number) => ({
      shelf_id: full,
      "it's": `"quoted" ' ${number}`,
      number,
      size: 2 ** 40 + number,
      is_lent: number === 2,
      price: `${number}0.00`,
      printed_on: number === 1 ? null : '2026-01-02',
      due_at: number === 1 ? null : '2026-11-27T10:00:00.5+02:00',
      words: ['a', 'b"c'],
      meta: { number, at: '2026-11-27 00:26:18.004956+00' },
    })),
  );
});

describe('rows of another table in each row', () => {
  it('are what a select of their own gives, to the letter', async () => {
    const { db } = api.app.ctx;
    const where = eq(copies.shelf_id, shelves.id);
    const list = rowsOf(FIELDS, { from: copies, where, orderBy: copies.number });
    const page = await paginate(
      db.select({ id: shelves.id, name: shelves.name, copies: list }).from(shelves),
      {},
      { order: newestFirst(shelves.id) },
    );
    const own = await db.select(FIELDS).from(copies).orderBy(asc(copies.number));
    expect(own[1]?.due_at).toBe('2026-11-27T08:00:00.500Z');
    expect(own[1]?.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    expect(page.items).toEqual([
      { id: empty, name: 'empty', copies: [] },
      { id: full, name: 'full', copies: own },
    ]);
  });

  it('are those of the condition, in the order, and at most `limit`', async () => {
    const list = rowsOf(
      { number: copies.number },
      { from: copies, where: gt(copies.number, 1), orderBy: copies.number, limit: 1 },
    );
    const rows = await api.app.ctx.db.select({ list }).from(shelves).where(eq(shelves.id, empty));
    expect(rows).toEqual([{ list: [{ number: 2 }] }]);
  });

  it.each([
    ['a Date', timestamp({ withTimezone: true })],
    ['an instant without its zone', timestamp({ mode: 'string' })],
    ['a bigint', bigint({ mode: 'bigint' })],
    ['bytes', bytea()],
  ])('cannot have %s, which JSON would give another form', (_what, column) => {
    const table = pgTable('others', { field: column });
    expect(() => rowsOf({ field: table.field }, { from: table, where: undefined, orderBy: table.field })).toThrow(
      'field cannot be in a list of rows',
    );
  });
});
