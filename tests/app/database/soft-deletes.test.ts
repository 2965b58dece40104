import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSoftDeleteCheck } from '../../../src/app/database/soft-deletes.ts';
import { deletedAt, isAlive, isDeleted, primaryId } from '../../../src/app/utils/columns.ts';
import { createTestDatabase } from '../../helpers/database.ts';

const notes = pgTable('notes', { id: primaryId(), title: text().notNull(), ...deletedAt() });
const tags = pgTable('tags', { id: primaryId(), title: text().notNull() });

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  await pool.query('create table notes (id uuid primary key, title text not null, deleted_at timestamptz(3))');
  await pool.query('create table tags (id uuid primary key, title text not null)');
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('a statement on a table with deleted_at', () => {
  const open = () => {
    const logger = createSoftDeleteCheck([notes, tags]);
    if (logger === undefined) throw new Error('no table has deleted_at');
    return drizzle({ client: pool, logger });
  };
  const byTitle = eq(notes.title, 'kept');

  it('is refused before it is sent if it forgets the deleted rows', async () => {
    const db = open();
    await db.insert(notes).values({ title: 'kept' });
    const forgetful = [
      () => db.select().from(notes),
      () => db.select({ deleted_at: notes.deleted_at }).from(notes).where(byTitle),
      () => db.select({ id: tags.id }).from(tags).leftJoin(notes, eq(notes.id, tags.id)),
      () => db.update(notes).set({ title: 'changed' }).where(byTitle),
      () => db.delete(notes).where(byTitle),
      () => db.execute(sql`select count(*) from ${notes}`),
    ];
    for (const [index, statement] of forgetful.entries())
      await expect((async () => statement())(), `statement ${index}`).rejects.toThrow(
        /forgets the rows that are deleted/,
      );
    expect((await pool.query('select title, deleted_at from notes')).rows).toEqual([
      { title: 'kept', deleted_at: null },
    ]);
  });

  it('runs if it says which rows it means, and so does any statement on other tables', async () => {
    const db = open();
    expect(await db.select({ title: notes.title }).from(notes).where(isAlive(notes))).toEqual([{ title: 'kept' }]);
    expect(await db.select().from(notes).where(isDeleted(notes))).toEqual([]);
    expect(await db.select().from(tags)).toEqual([]);
  });
});

it('nothing is checked if no table has the column', () => {
  expect(createSoftDeleteCheck([tags])).toBeUndefined();
});
