import { bigint, date, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { users } from '../../../src/app/models/auth/users.ts';
import { moment, primaryId } from '../../../src/app/utils/columns.ts';
import { contains, hasWords, isBefore, isFrom, matches, startsWith } from '../../../src/app/utils/filters.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { type SortOf, sortableBy, sortsOf } from '../../../src/app/utils/orderings.ts';
import { paginate } from '../../../src/app/utils/pages.ts';
import { startApi } from '../../helpers/api.ts';

const books = pgTable('shelf', {
  id: primaryId(),
  title: text().notNull(),
  copies: integer(),
  due_at: moment(),
  printed_on: date(),
  pages: bigint({ mode: 'number' }).notNull(),
});

const SORTS = { title: books.title, copies: books.copies, due_at: books.due_at, printed_on: books.printed_on };
const orderOf = sortableBy(SORTS, books.id);

const api = startApi();

/** Rows with equal values, without values, with letters that collations order in their own way. */
const ROWS = ['ä', 'a', 'A', 'a', '100%', 'émile', 'z'].map((title, index) => ({
  id: newId(),
  title,
  copies: index % 3 === 0 ? null : index % 2,
  due_at: index % 2 === 0 ? `2026-11-2${index}T10:00:00.${index}01Z` : null,
  printed_on: index < 3 ? '2026-01-01' : null,
  pages: index,
}));

beforeAll(async () => {
  await api.sql(
    'create table shelf (id uuid primary key, title text not null, copies int, due_at timestamptz(3), printed_on date, pages bigint not null)',
  );
  await api.app.ctx.db.insert(books).values(ROWS);
});

async function allPages(sort: SortOf<typeof SORTS> | undefined, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const request = { limit, ...(cursor !== undefined && { cursor }) };
    const page = await paginate(api.app.ctx.db.select().from(books), request, { order: orderOf(sort) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return seen;
}

describe('a list that is sortable by declaration', () => {
  it.each(sortsOf('title', 'copies', 'due_at', 'printed_on'))(
    'by %s gives every row once, rows without a value last',
    async (sort) => {
      const name = sort.replace('-', '');
      const way = sort.startsWith('-') ? 'desc' : 'asc';
      const rows = await api.sql<{ id: string }>(`select id from shelf order by ${name} ${way} nulls last, id ${way}`);
      for (const limit of [1, 2, 3, 7])
        expect(await allPages(sort, limit), `limit ${limit}`).toEqual(rows.map(({ id }) => id));
    },
  );

  it('is newest first without a sort', async () => {
    expect(await allPages(undefined, 2)).toEqual(ROWS.map(({ id }) => id).toReversed());
  });

  it('goes on where it was if the last row of the page is deleted meanwhile', async () => {
    const [first] = await api.sql<{ id: string }>('select id from shelf order by title, id');
    const select = () => api.app.ctx.db.select({ id: books.id, title: books.title }).from(books);
    const page = await paginate(select(), { limit: 1 }, { order: orderOf('title') as never });
    expect(page.items[0]?.id).toBe(first?.id);
    const rest = await api.sql<{ id: string }>('select id from shelf order by title, id offset 1');
    await api.sql('delete from shelf where id = $1', [first?.id]);
    const request = { limit: 100, cursor: page.next_cursor ?? '' };
    const next = await paginate(select(), request, { order: orderOf('title') as never });
    expect(next.items.map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
    await api.app.ctx.db.insert(books).values(ROWS.filter(({ id }) => id === first?.id));
  });

  it('refuses what is no cursor of it', async () => {
    const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      '',
      'x',
      encoded(null),
      encoded(['a']),
      encoded(['a', 'b']),
      encoded([{}, newId()]),
      encoded(['\0', newId()]),
    ];
    for (const cursor of bad)
      expect(() => orderOf('title').follows(cursor), cursor).toThrow(
        expect.objectContaining({ code: 'validation_failed' }),
      );
  });

  it('cannot be declared for an instant whose answer is cut to milliseconds', () => {
    expect(() => sortableBy({ created_at: users.created_at }, users.id)).toThrow(/created_at cannot be sorted by/);
  });
});

describe('filters by declaration', () => {
  const FILTERS = {
    copies: books.copies,
    due_from: isFrom(books.due_at),
    due_before: isBefore(books.due_at),
    title: startsWith(books.title),
    search: hasWords(books.title),
    part: contains(books.title),
  };
  const titles = async (given: Parameters<typeof matches<typeof FILTERS>>[1]): Promise<string[]> => {
    const rows = await api.app.ctx.db.select().from(books).where(matches(FILTERS, given)).orderBy(books.pages);
    return rows.map(({ title }) => title);
  };

  it('count if they are given, all of them', async () => {
    expect(await titles({})).toHaveLength(7);
    expect(await titles({ copies: 1 })).toEqual(['a', 'émile']);
    expect(await titles({ copies: 1, title: 'é' })).toEqual(['émile']);
    expect(await titles({ due_from: '2026-11-22T10:00:00.201Z', due_before: '2026-11-26T00:00:00Z' })).toEqual([
      'A',
      '100%',
    ]);
  });

  it('take their text as text, never as a pattern', async () => {
    expect(await titles({ title: '%' })).toEqual([]);
    expect(await titles({ title: '100%' })).toEqual(['100%']);
    expect(await titles({ part: '0%' })).toEqual(['100%']);
    expect(await titles({ search: 'émi' })).toEqual(['émile']);
    for (const search of ["'", "' | !'", ':*', '&', '\\', '', "a' | 'z"])
      expect(await titles({ search }), search).toEqual([]);
  });
});
