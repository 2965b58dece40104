import { and, asc, desc, eq, gt, ilike, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { customType, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectPage } from '../../../../src/app/utils/pages/selects.ts';
import { createTestDatabase } from '../../../helpers/database.ts';

/** Written by SQL, so that its text depends on the value. */
const lowered = customType<{ data: string }>({
  dataType: () => 'text',
  toDriver: (value) => (value === '' ? sql`''` : sql`lower(${value})`),
});

const notes = pgTable('notes', {
  id: uuid().primaryKey(),
  title: text().notNull(),
  size: integer(),
  tag: lowered().notNull(),
  made_at: timestamp({ withTimezone: true, precision: 3 }).notNull(),
});
const { id, title, size, made_at } = notes;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let db: ReturnType<typeof drizzle>;
/** The texts that were sent, and whether each had a name of its own. */
let sent: { text: string; isNamed: boolean }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  await pool.query(
    'create table notes (id uuid primary key, title text not null, size int, tag text not null, made_at timestamptz(3) not null)',
  );
  const query = pool.query.bind(pool) as (config: pg.QueryConfig, values: unknown[]) => Promise<unknown>;
  Object.assign(pool, {
    query: (config: pg.QueryConfig, values: unknown[]) => {
      sent.push({ text: config.text, isNamed: config.name !== undefined });
      return query(config, values);
    },
  });
  db = drizzle({ client: pool });
  const rows = Array.from({ length: 40 }, (_, n) => ({
    id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    title: n % 3 === 0 ? 'plants' : `note ${n}`,
    size: n % 4 === 0 ? null : n,
    tag: n % 2 === 0 ? 'Even' : 'odd',
    made_at: new Date(Date.UTC(2026, 0, 1 + n)),
  }));
  await db.insert(notes).values(rows);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(() => {
  sent = [];
});

const plain = (where: SQL | undefined, orderBy: SQL[], limit: number) =>
  db
    .select({ id, title, size, made_at })
    .from(notes)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
const paged = (where: SQL | undefined, orderBy: SQL[], limit: number) =>
  selectPage(db.select({ id, title, size, made_at }).from(notes), { where, orderBy, limit });

const idAt = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

/** Conditions that differ in their values alone stand in one row. */
const CONDITIONS: [string, ...(() => SQL | undefined)[]][] = [
  ['none', () => undefined],
  ['one value', () => eq(title, 'plants'), () => eq(title, 'note 1'), () => eq(title, 'nowhere')],
  ['another column', () => eq(id, idAt(3)), () => eq(id, idAt(4))],
  ['another operator', () => lt(id, idAt(30)), () => lt(id, idAt(2))],
  ['null', () => isNull(size)],
  ['dates', () => and(gt(made_at, day(3)), lt(made_at, day(9))), () => and(gt(made_at, day(30)), lt(made_at, day(31)))],
  [
    'two equal values',
    () => or(eq(title, 'plants'), ilike(title, 'plants')),
    () => or(eq(title, 'x'), ilike(title, '%1')),
  ],
  ['two lists', () => inArray(size, [1, 2]), () => inArray(size, [3, 5])],
  ['a longer list', () => inArray(size, [1, 2, 3]), () => inArray(size, [9, 10, 11])],
  ['raw values', () => sql`${size} between ${3} and ${9}`, () => sql`${size} between ${20} and ${21}`],
  ['values inside', () => sql`${size} > ${5}`.inlineParams(), () => sql`${size} > ${35}`.inlineParams()],
  ['a custom type', () => eq(notes.tag, 'EVEN'), () => eq(notes.tag, 'odd'), () => eq(notes.tag, '')],
  [
    'a subquery',
    () => inArray(id, db.select({ id }).from(notes).where(eq(title, 'plants')).limit(2)),
    () => inArray(id, db.select({ id }).from(notes).where(eq(title, 'note 1'))),
  ],
];

describe('selectPage', () => {
  it('reads what drizzle reads, however often and in whichever order the conditions come', async () => {
    for (let round = 0; round < 3; round++)
      for (const [name, ...same] of CONDITIONS)
        for (const condition of same)
          for (const orderBy of [[desc(id)], [asc(title), desc(id)], [sql`${size} desc nulls last`, asc(id)]])
            for (const limit of [1, 50])
              expect(await paged(condition(), orderBy, limit), `${name} ${limit}`).toEqual(
                await plain(condition(), orderBy, limit),
              );
  });

  it('sends one text, with a name, for conditions that differ in their values', async () => {
    const values = ['plants', 'note 1', 'note 2', "it's; drop table notes --"];
    for (const value of values) await paged(and(eq(title, value), gt(made_at, day(1))), [desc(id)], 5);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
    expect(sent.map(({ isNamed }) => isNamed)).toEqual([false, true, true, true]);
  });

  it('reads all columns, and those of the selection that it is given', async () => {
    for (let round = 0; round < 3; round++) {
      const parts = { where: eq(title, 'plants'), orderBy: [desc(id)], limit: 3 };
      const { where, orderBy } = parts;
      expect(await selectPage(db.select().from(notes), parts)).toEqual(
        await db
          .select()
          .from(notes)
          .where(where)
          .orderBy(...orderBy)
          .limit(3),
      );
      expect(await selectPage(db.select({ name: title }).from(notes), parts)).toEqual(
        Array(3).fill({ name: 'plants' }),
      );
      expect(await selectPage(db.select({ title }).from(notes), parts)).toEqual(Array(3).fill({ title: 'plants' }));
      expect(await selectPage(db.selectDistinct({ title }).from(notes), { ...parts, orderBy: [asc(title)] })).toEqual([
        { title: 'plants' },
      ]);
      const length = sql<number>`length(${title}) + ${round}::int`.as('length');
      expect(await selectPage(db.select({ length }).from(notes), { ...parts, limit: 1 })).toEqual([
        { length: 6 + round },
      ]);
    }
  });

  it('reads within a transaction what the transaction wrote', async () => {
    const seen = await db.transaction(async (tx) => {
      await tx.delete(notes).where(eq(title, 'plants'));
      const found: unknown[] = [];
      for (let round = 0; round < 3; round++)
        found.push(
          ...(await selectPage(tx.select({ id }).from(notes), {
            where: eq(title, 'plants'),
            orderBy: [desc(id)],
            limit: 9,
          })),
        );
      await tx.insert(notes).values({ id: idAt(0), title: 'plants', size: 1, tag: 'x', made_at: day(1) });
      return found;
    });
    expect(seen).toEqual([]);
    expect(await paged(eq(title, 'plants'), [desc(id)], 9)).toHaveLength(1);
  });

  it('forgets the oldest of endlessly many', async () => {
    const one = () => paged(sql`${size} > ${1}`, [desc(id)], 1);
    await one();
    await one();
    expect(sent.at(-1)?.isNamed).toBe(true);
    for (let n = 0; n < 64; n++) await paged(sql`${size} > ${sql.raw(String(n))}`, [desc(id)], 1);
    await one();
    expect(sent.at(-1)?.isNamed).toBe(false);
  });
});
