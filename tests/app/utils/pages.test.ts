import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { users } from '../../../src/app/models/auth/users.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { idFromCursor, newestFirst, paginate } from '../../../src/app/utils/pages.ts';
import { startApi } from '../../helpers/api.ts';

const { cursorOf } = newestFirst(users.id);

describe('a cursor of newest first', () => {
  it('fits into a URL as it is, and holds the id of the last row', () => {
    for (const id of Array.from({ length: 200 }, newId)) {
      const cursor = cursorOf({ id });
      expect(cursor).toMatch(/^[\w-]{22}$/);
      expect(idFromCursor(cursor)).toBe(id);
    }
  });

  it('is read in one spelling only', () => {
    const cursor = cursorOf({ id: newId() });
    const last = cursor.at(-1) ?? '';
    // The last letter holds four bits that no byte has.
    const other = String.fromCharCode(last.charCodeAt(0) + 1);
    const bad = ['', ' ', cursor.slice(1), `${cursor}A`, `${cursor}==`, ` ${cursor}`, cursor.slice(0, -1) + other];
    for (const text of [...bad, newId(), 'null', '[object Object]', '\0'])
      expect(() => idFromCursor(text), text).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });
});

describe('paginate', () => {
  const api = startApi();

  it('gives every row once, newest first, and a cursor only if another page follows', async () => {
    const ids = Array.from({ length: 7 }, newId);
    const db = api.app.ctx.db;
    await db.insert(users).values(ids.map((id) => ({ id, email: sql`${`${id}@example.com`}`, password_hash: '-' })));
    for (const limit of [1, 3, 7, 8]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const request = { limit, ...(cursor !== undefined && { cursor }) };
        const page = await paginate(db.select().from(users), request, { order: newestFirst(users.id) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen, `limit ${limit}`).toEqual(ids.toReversed());
    }
    expect((await paginate(db.select().from(users), { limit: 7 }, { order: newestFirst(users.id) })).next_cursor).toBe(
      null,
    );
  });

  it('ends a page of long rows early, after one row at least, and loses none', async () => {
    const db = api.app.ctx.db;
    await api.sql('delete from users');
    // In thousands of characters; the middle one is longer than a page.
    const lengths = [900, 900, 900, 1, 1, 3000, 1, 1, 900, 900, 900];
    const rows = lengths.map((length) => ({ id: newId(), name: 'é'.repeat(length * 1000) }));
    for (const { id, name } of rows)
      await db.insert(users).values({ id, name, email: sql`${`${id}@example.com`}`, password_hash: '-' });
    const { id, name } = users;
    const sizes: number[] = [];
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const request = { limit: 100, ...(cursor !== undefined && { cursor }) };
      const page = await paginate(db.select({ id, name }).from(users), request, { order: newestFirst(id) });
      sizes.push(page.items.length);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(rows.map(({ id }) => id).toReversed());
    expect(sizes).toEqual([2, 3, 1, 4, 1]);
  });

  it('counts what is in lists and objects of a row', async () => {
    const db = api.app.ctx.db;
    const words = sql<string[]>`array_fill('${sql.raw('x'.repeat(1000))}'::text, array[700])`;
    const members = sql<object>`json_build_object('inner', json_build_object('text', repeat('x', 700000)))`;
    for (const value of [words, members]) {
      const rows = db.select({ id: users.id, value }).from(users);
      const page = await paginate(rows, { limit: 100 }, { order: newestFirst(users.id) });
      expect(page.items).toHaveLength(2);
    }
  });
});
