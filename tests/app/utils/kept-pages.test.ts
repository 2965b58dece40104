import { randomUUID } from 'node:crypto';
import { and, asc, desc, eq, gt, type SQL, sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { users } from '../../../src/app/models/auth/users.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { readPage } from '../../../src/app/utils/kept-pages.ts';
import { startApi } from '../../helpers/api.ts';

const api = startApi();

describe('readPage', () => {
  it('answers each use of a shape with the rows of its own values', async () => {
    const owners = [await fill(3), await fill(1), await fill(0)];
    for (let round = 0; round < 3; round++)
      for (const { mark, ids } of owners) expect(await read(eq(users.name, mark))).toEqual(ids);
  });

  it('builds the text of a shape no more than twice', async () => {
    const { mark, ids } = await fill(2);
    const { dialect } = api.app.ctx.db as unknown as { dialect: { buildSelectQuery: unknown } };
    const builds = vi.spyOn(dialect as { buildSelectQuery: () => unknown }, 'buildSelectQuery');
    onTestFinished(() => builds.mockRestore());
    for (let round = 0; round < 6; round++)
      expect(await read(and(eq(users.name, mark), gt(users.created_at, new Date(round).toISOString())))).toEqual(ids);
    expect(builds).toHaveBeenCalledTimes(2);
  });

  it('parts conditions that differ in a column, an operator, a word, an order or a number of rows', async () => {
    const { mark, ids } = await fill(3);
    const isMarked = eq(users.name, mark);
    const cases: [SQL | undefined, string[]][] = [
      [isMarked, ids],
      [and(isMarked, eq(users.role, 'user')), ids],
      [and(isMarked, eq(users.role, 'admin')), []],
      [and(isMarked, sql`${users.role} <> ${'user'}`), []],
      [and(isMarked, eq(users.is_active, true)), ids],
      [and(isMarked, eq(users.is_active, false)), []],
      [sql`${users.name} = ${mark} and ${users.id} not in ${[ids[0]]}`, ids.slice(1)],
      [sql`${users.name} = ${mark} and ${users.role} = any(array['user']::text[])`, ids],
      [sql`${users.name} = ${mark} and ${users.email} = ${null}`, []],
    ];
    for (let round = 0; round < 3; round++) {
      for (const [condition, expected] of cases) expect(await read(condition)).toEqual(expected);
      expect(await read(isMarked, { order: [asc(users.id)] })).toEqual(ids.toReversed());
      expect(await read(isMarked, { rows: 2 })).toEqual(ids.slice(0, 2));
    }
  });

  it('reads inside a transaction what that transaction wrote', async () => {
    const { mark, ids } = await fill(1);
    for (let round = 0; round < 3; round++) {
      expect(await read(eq(users.name, mark))).toEqual(ids);
      await api.app.ctx.db
        .transaction(async (db) => {
          await db.delete(users).where(eq(users.name, mark));
          expect(await read(eq(users.name, mark), { db })).toEqual([]);
          throw new Error('as planned');
        })
        .catch(() => {});
    }
  });

  it('keeps no statement whose columns are expressions of the request', async () => {
    const { mark, ids } = await fill(1);
    for (const value of [1, 2, 3]) {
      const selection = api.app.ctx.db.select({ id: users.id, value: sql<number>`${value}::int` }).from(users);
      const parts = { where: eq(users.name, mark), orderBy: [desc(users.id)], rows: 5 };
      expect(await readPage(selection, parts)).toEqual([{ id: ids[0], value }]);
    }
  });
});

/** Users of one name; their ids, newest first. */
async function fill(count: number): Promise<{ mark: string; ids: string[] }> {
  const mark = randomUUID();
  const ids = Array.from({ length: count }, newId);
  const rows = ids.map((id) => ({ id, name: mark, email: sql`${`${id}@example.com`}`, password_hash: '-' }));
  if (count > 0) await api.app.ctx.db.insert(users).values(rows);
  return { mark, ids: ids.toReversed() };
}

async function read(
  where: SQL | undefined,
  { db = api.app.ctx.db, rows = 10, order = [desc(users.id)] }: { db?: unknown; rows?: number; order?: SQL[] } = {},
): Promise<string[]> {
  const selection = (db as typeof api.app.ctx.db).select({ id: users.id }).from(users);
  const page = await readPage(selection, { where, orderBy: order, rows });
  return page.map(({ id }) => id);
}
