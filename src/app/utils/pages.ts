import { and, type Column, desc, lt, type SQL } from 'drizzle-orm';
import { AppError } from './errors.ts';
import { isId } from './ids.ts';

/** Rows on a page if the client names no limit. */
export const DEFAULT_LIMIT = 20;

/** Characters of the texts on a page. A page of long rows ends early, after one row at least, and its cursor leads on. */
const PAGE_CHARACTERS = 2 * 1024 * 1024;

/** A drizzle select that has no condition, order and limit yet. */
interface Selection<Row> {
  where: (condition: SQL | undefined) => {
    orderBy: (...columns: SQL[]) => { limit: (rows: number) => PromiseLike<Row[]> };
  };
}

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
export async function paginate<Row>(
  selection: Selection<Row>,
  { limit = DEFAULT_LIMIT, cursor }: PageRequest,
  { where, order }: { where?: SQL | undefined; order: Ordering<NoInfer<Row>> },
): Promise<Page<Row>> {
  // The extra row tells whether another page follows.
  const rows = await selection
    .where(cursor === undefined ? where : and(where, order.follows(cursor)))
    .orderBy(...order.orderBy)
    .limit(limit + 1);
  const items = rows.slice(0, countFitting(rows, limit));
  const last = items.at(-1);
  return { items, next_cursor: rows.length > items.length && last !== undefined ? order.cursorOf(last) : null };
}

function countFitting(rows: readonly unknown[], limit: number): number {
  let characters = 0;
  for (const [n, row] of rows.entries()) {
    if (n === limit) return limit;
    characters += charactersOf(row);
    if (characters > PAGE_CHARACTERS && n > 0) return n;
  }
  return rows.length;
}

/** What is long in a row is a text of it, or of a list or object in it. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let characters = 0;
  for (const part of Object.values(value)) characters += charactersOf(part);
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
