import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { inTransaction } from '../database.ts';
import { books } from '../models/books.ts';
import { files } from '../models/system/files.ts';
import { isAlive } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact } from '../utils/exact.ts';
import { get as getBook } from './books.ts';
import { requireOrganiser } from './club-rules.ts';
import * as storedFiles from './system/files.ts';

interface CoverOf {
  book_id: string;
  cover_id: string;
}

/** Gives a book a picture that the caller uploaded; throws book_not_found, file_not_found, cover_taken, and forbidden for a reader. */
export async function set(ctx: RequestContext, actor: Actor, { book_id, cover_id }: CoverOf): Promise<void> {
  await requireChangeable(ctx, actor, book_id);
  await storedFiles.requireOwn(ctx, actor, { id: cover_id, purpose: 'cover' });
  await replace(ctx, book_id, cover_id);
}

/** Where the picture of a book is, for all members of the club; throws book_not_found, cover_not_found. */
export async function getAddress(ctx: RequestContext, actor: Actor, book_id: string): Promise<string> {
  const { cover_id } = await getBook(ctx, actor, book_id);
  if (cover_id === null) throw new AppError('cover_not_found');
  return storedFiles.getSharedAddress(ctx, cover_id);
}

/** Takes the picture of a book away; throws book_not_found, cover_not_found, and forbidden for a reader. */
export async function remove(ctx: RequestContext, actor: Actor, book_id: string): Promise<void> {
  await requireChangeable(ctx, actor, book_id);
  if (!(await replace(ctx, book_id, null))) throw new AppError('cover_not_found');
}

async function requireChangeable(ctx: RequestContext, actor: Actor, book_id: string): Promise<void> {
  await requireOrganiser(ctx, actor, (await getBook(ctx, actor, book_id)).club_id);
}

/** Sets the cover, and deletes the file of the former one, whichever organiser uploaded it. False if there was none. */
async function replace(ctx: RequestContext, book_id: string, cover_id: string | null): Promise<boolean> {
  return inTransaction(ctx, async (ctx) => {
    // Of two at once the second one waits for the row, and deletes what the first one set.
    const isBook = and(eq(books.id, book_id), isAlive(books));
    const [former] = await ctx.db.select({ id: books.cover_id }).from(books).where(isBook).for('update');
    if (former === undefined) throw new AppError('book_not_found');
    if (former.id === cover_id) return cover_id !== null;
    await ctx.db.update(books).set(exact(books, { cover_id })).where(isBook);
    if (former.id !== null) await ctx.db.delete(files).where(eq(files.id, former.id));
    return former.id !== null;
  });
}
