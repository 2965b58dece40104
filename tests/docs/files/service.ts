import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../../src/app/context.ts';
import type { Actor } from '../../../src/app/core.ts';
import { inTransaction } from '../../../src/app/database.ts';
import { files } from '../../../src/app/models/system/files.ts';
import * as storedFiles from '../../../src/app/services/system/files.ts';
import type { ErrorCodeName } from '../../../src/app/utils/error-codes.ts';
import { AppError as KitError } from '../../../src/app/utils/errors.ts';
import { books } from './models.ts';

interface CoverOf {
  id: string;
  cover_id: string;
}

/** A product declares `book_not_found`; the kit's table has another thing's code for it. */
class AppError extends KitError {
  constructor(code: 'book_not_found' | ErrorCodeName) {
    super(code === 'book_not_found' ? 'user_not_found' : code);
  }
}

/** Gives the caller's book a cover that the caller uploaded. Throws book_not_found, file_not_found. */
export async function setCover(ctx: RequestContext, actor: Actor, { id, cover_id }: CoverOf): Promise<void> {
  await storedFiles.requireOwn(ctx, actor, { id: cover_id, purpose: 'cover' });
  await inTransaction(ctx, async (ctx) => {
    const isMeant = and(eq(books.id, id), eq(books.owner_id, actor.user.id));
    // Of two at once the second one waits for the row, and deletes what the first one set.
    const [former] = await ctx.db.select({ id: books.cover_id }).from(books).where(isMeant).for('update');
    if (former === undefined) throw new AppError('book_not_found');
    await ctx.db.update(books).set({ cover_id }).where(isMeant);
    if (former.id !== null && former.id !== cover_id) await ctx.db.delete(files).where(eq(files.id, former.id));
  });
}

/** Where the cover is, for everybody who sees the book. Throws book_not_found, file_not_found. */
export async function getCover(ctx: RequestContext, id: string): Promise<string> {
  const [book] = await ctx.db.select({ cover_id: books.cover_id }).from(books).where(eq(books.id, id));
  if (book === undefined) throw new AppError('book_not_found');
  if (book.cover_id === null) throw new AppError('file_not_found');
  return storedFiles.getSharedAddress(ctx, book.cover_id);
}
