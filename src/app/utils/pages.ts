import { and, type Column, desc, lt, type SQL } from 'drizzle-orm';
import { AppError } from './errors.ts';
import { isId } from './ids.ts';
import { type Selection, selectPage } from './pages/selects.ts';

/** Rows on a page if the client names no limit. */
export const DEFAULT_LIMIT = 20;

/** Characters of the texts on a page. A page of long rows ends early, after one row at least, and its cursor leads on. */
const PAGE_CHARACTERS = 2 * 1024 * 1024;

/** The part of a list that a client asks for: the number of rows, and the cursor that they follow. */
export interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** One page of a list. `next_cursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** An order in which no two rows are equal, so that every cursor marks one place in it. */
export interface Ordering<Row> {
  orderBy: SQL[];
  /** The condition of the rows that follow the cursor; throws validation_failed if it is no cursor of this order. */
  follows: (cursor: string) => SQL | undefined;
  cursorOf: (row: Row) => string;
}

/**
 * Reads one page of a list: `paginate(ctx.db.select().from(items), request, { where, order: newestFirst(items.id) })`.
 * `where` says which rows the caller may see and which filters apply. A page has fewer rows than its limit if they are long.
 */
export function paginate<Row>(
  selection: Selection<Row>,
  { limit = DEFAULT_LIMIT, cursor }: PageRequest,
  { where, order }: { where?: SQL | undefined; order: Ordering<NoInfer<Row>> },
): Promise<Page<Row>> {
  // The extra row tells whether another page follows.
  const rows = selectPage(selection, {
    where: cursor === undefined ? where : and(where, order.follows(cursor)),
    orderBy: order.orderBy,
    limit: limit + 1,
  });
  return toPage(rows, limit, order);
}

/** In a function of its own: while the rows are awaited, nothing holds what they were asked with. */
async function toPage<Row>(
  reading: PromiseLike<Row[]>,
  limit: number,
  { cursorOf }: Ordering<Row>,
): Promise<Page<Row>> {
  const rows = await reading;
  const items = rows.slice(0, countFitting(rows, limit));
  const last = items.at(-1);
  return { items, next_cursor: rows.length > items.length && last !== undefined ? cursorOf(last) : null };
}

function countFitting(rows: readonly unknown[], limit: number): number {
  let characters = 0;
  const most = Math.min(rows.length, limit);
  for (let n = 0; n < most; n++) {
    characters += charactersOf(rows[n]);
    if (characters > PAGE_CHARACTERS && n > 0) return n;
  }
  return most;
}

/** What is long in a row is a text of it, or of a list or object in it. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let characters = 0;
  // A list of the parts would be garbage for each row of each page.
  for (const name in value) characters += charactersOf(value[name as keyof typeof value]);
  return characters;
}

/** Newest first, by a column of UUIDv7 ids: they begin with the time of their creation. */
export function newestFirst(id: Column): Ordering<{ id: string }> {
  return {
    orderBy: [desc(id)],
    follows: (cursor) => lt(id, idFromCursor(cursor)),
    cursorOf: (row) => Buffer.from(row.id.replaceAll('-', ''), 'hex').toString('base64url'),
  };
}

/** The id inside a cursor; throws validation_failed, since a cursor is client input like any other. */
export function idFromCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (isId(id) && bytes.toString('base64url') === cursor) return id;
  const rule = { msg: 'is not a cursor of this list', type: 'cursor' };
  throw new AppError('validation_failed', { field: 'cursor', rule });
}
