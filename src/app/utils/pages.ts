import { AppError } from './errors.ts';
import { isId } from './ids.ts';

/** Rows on a page where the client does not say. */
export const DEFAULT_LIMIT = 20;

/** No id comes after it: the cursor of a first page. */
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What a client asks of a list: how many rows, and after which one. */
export interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** One page of a list, newest first. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Cuts a result of `limit + 1` rows to a page; the extra row only tells that there is another page. */
export function toPage<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? cursorAfter(last.id) : null };
}

/** The id inside a cursor, or throws validation_failed: a cursor is client input like any other. */
export function idFromCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (!isId(id) || bytes.toString('base64url') !== cursor) {
    const msg = 'is not a cursor of this list';
    throw new AppError('validation_failed', { errors: [{ loc: ['query', 'cursor'], msg, type: 'cursor' }] });
  }
  return id;
}

function cursorAfter(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}
