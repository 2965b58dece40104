import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { atOnce, inOrder } from '../database.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { books } from '../models/books.ts';
import { Book, type BookCreate, type BookQuery, type BookUpdate } from '../schemas/books.ts';
import { isOther } from '../utils/changes.ts';
import { columnsOf, isAlive } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact, exactRow } from '../utils/exact.ts';
import { hasWords, matches } from '../utils/filters.ts';
import { sortableBy } from '../utils/orderings.ts';
import { type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { insertOwned } from './auth/quota.ts';
import { isSharedWith, requireOrganiser } from './club-rules.ts';
import * as clubs from './clubs.ts';

const columns = columnsOf(books, Book);
const FILTERS = { search: hasWords(books.title), topic: books.topic };
const orderOf = sortableBy({ title: books.title }, books.id);

/** The books of a club, newest first or by title; throws club_not_found. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  { club_id, ...request }: PageRequest & BookQuery & { club_id: string },
): Promise<Page<Book>> {
  await clubs.get(ctx, actor, club_id);
  const order = orderOf(request.sort);
  return paginate(ctx.db.select(columns).from(books), request, {
    where: and(eq(books.club_id, club_id), and(isVisibleTo(actor), matches(FILTERS, request))),
    order,
  });
}

/** Adds a book to the club; throws club_not_found, book_limit, and forbidden for a reader. */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  input: BookCreate & { club_id: string },
): Promise<Book> {
  await requireOrganiser(ctx, actor, input.club_id);
  const row = exactRow(books, { ...input, owner_id: actor.user.id });
  const book = await insertOwned<Book>(ctx, books, { row, columns, most: ctx.config.books_per_account });
  if (book === undefined) throw new AppError('book_limit');
  return book;
}

/** The book, or throws book_not_found: also for one of a club whose member the caller is not, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Book> {
  const [book] = await ctx.db
    .select(columns)
    .from(books)
    .where(and(eq(books.id, id), isVisibleTo(actor)));
  return requireFound(book);
}

/** Changes the given fields, and writes nothing if they are stored already; throws book_not_found, and forbidden for a reader. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...given }: BookUpdate & { id: string },
): Promise<Book> {
  await requireOrganiser(ctx, actor, (await get(ctx, actor, id)).club_id);
  const isMeant = and(eq(books.id, id), isVisibleTo(actor));
  // Sent at once; the book is read after its change.
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(books)
        .set(exact(books, given))
        .where(and(isMeant, isOther<BookUpdate>(books, given)))
        .returning(columns),
      ctx.db.select(columns).from(books).where(isMeant),
    ]),
  );
  return requireFound(changed ?? stored);
}

/** Hides the book from everybody, and keeps its row; throws book_not_found, and forbidden for a reader. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  await requireOrganiser(ctx, actor, (await get(ctx, actor, id)).club_id);
  const [book] = await ctx.db
    .update(books)
    .set({ deleted_at: sql`now()` })
    .where(and(eq(books.id, id), isVisibleTo(actor)))
    .returning({ id: books.id });
  requireFound(book);
}

/** The one rule of who sees what: members of the club see its books, administrators see all. */
function isVisibleTo(actor: Actor): SQL | undefined {
  return and(isAlive(books), isOfOpenAccount(books.owner_id), isSharedWith(actor, books.club_id));
}

function requireFound<T>(book: T | undefined): T {
  if (book === undefined) throw new AppError('book_not_found');
  return book;
}
