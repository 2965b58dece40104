import { and, eq, exists, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { inTransaction } from '../database.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { books } from '../models/books.ts';
import { loans } from '../models/loans.ts';
import { type LentBook, Loan, type LoanQuery } from '../schemas/loans.ts';
import { columnsOf, isAlive } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact } from '../utils/exact.ts';
import { matches } from '../utils/filters.ts';
import { rowsOf } from '../utils/nested-rows.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { countOwn } from './auth/limits.ts';
import { insertOwned } from './auth/quota.ts';
import { get as getBook } from './books.ts';
import { requireOrganiser } from './club-rules.ts';

const columns = columnsOf(loans, Loan);
const DAY_MS = 86_400_000;
const isOpen = isNull(loans.returned_at);
const FILTERS = { is_open: (is: boolean): SQL => (is ? isOpen : isNotNull(loans.returned_at)) };

/** The caller's loans, newest first; an administrator's list has all. */
export async function list(ctx: RequestContext, actor: Actor, request: PageRequest & LoanQuery): Promise<Page<Loan>> {
  return paginate(ctx.db.select(columns).from(loans), request, {
    where: and(isVisibleTo(actor), matches(FILTERS, request)),
    order: newestFirst(loans.id),
  });
}

/** Every loan of a club's books, for its organisers; throws club_not_found, and forbidden for a reader. */
export async function listOfClub(
  ctx: RequestContext,
  actor: Actor,
  { club_id, ...request }: PageRequest & { club_id: string },
): Promise<Page<Loan>> {
  await requireOrganiser(ctx, actor, club_id);
  const ofClub = ctx.db
    .select({ id: books.id })
    .from(books)
    .where(and(eq(books.club_id, club_id), isAlive(books)));
  return paginate(ctx.db.select(columns).from(loans), request, {
    where: inArray(loans.book_id, ofClub),
    order: newestFirst(loans.id),
  });
}

/** The books of a club of which a copy is lent, each with its open loans; throws as listOfClub does. */
export async function listLent(
  ctx: RequestContext,
  actor: Actor,
  { club_id, ...request }: PageRequest & { club_id: string },
): Promise<Page<LentBook>> {
  await requireOrganiser(ctx, actor, club_id);
  const { id, title, copies } = books;
  const isLent = and(eq(loans.book_id, books.id), isOpen);
  const fields = { id: loans.id, owner_id: loans.owner_id, due_at: loans.due_at };
  const lent = rowsOf(fields, { from: loans, where: isLent, orderBy: loans.due_at });
  return paginate(ctx.db.select({ id, title, copies, loans: lent }).from(books), request, {
    where: and(
      eq(books.club_id, club_id),
      isAlive(books),
      exists(ctx.db.select({ id: loans.id }).from(loans).where(isLent)),
    ),
    order: newestFirst(books.id),
  });
}

/** Lends a copy to the caller; throws book_not_found, no_copy_left, loan_limit and rate_limited. */
export async function create(ctx: RequestContext, actor: Actor, book_id: string): Promise<Loan> {
  await countOwn(ctx, actor, 'loans');
  return inTransaction(ctx, async (ctx) => {
    await getBook(ctx, actor, book_id);
    // Of two who borrow at once the second one waits for the row, and counts the first.
    const isBook = and(eq(books.id, book_id), isAlive(books));
    const [book] = await ctx.db.select({ copies: books.copies }).from(books).where(isBook).for('update');
    if (book === undefined) throw new AppError('book_not_found');
    const lent = await ctx.db.$count(loans, and(eq(loans.book_id, book_id), isOpen));
    if (lent >= book.copies) throw new AppError('no_copy_left');
    const due_at = new Date(ctx.clock.now().getTime() + ctx.config.loan_days * DAY_MS).toISOString();
    const row = { book_id, due_at, owner_id: actor.user.id };
    const loan = await insertOwned<Loan>(ctx, loans, { row, columns, most: ctx.config.loans_per_account });
    if (loan === undefined) throw new AppError('loan_limit');
    ctx.metrics.loans_total.inc('lent');
    return loan;
  });
}

/** The loan, or throws loan_not_found: also for another user's loan, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Loan> {
  const [loan] = await ctx.db
    .select(columns)
    .from(loans)
    .where(and(eq(loans.id, id), isVisibleTo(actor)));
  return requireFound(loan);
}

/** The book is back; one that came back stays so. Throws loan_not_found. */
export async function giveBack(ctx: RequestContext, actor: Actor, id: string): Promise<Loan> {
  const [returned] = await ctx.db
    .update(loans)
    .set(exact(loans, { returned_at: sql`now()` }))
    .where(and(eq(loans.id, id), isVisibleTo(actor), isOpen))
    .returning(columns);
  if (returned !== undefined) ctx.metrics.loans_total.inc('returned');
  return returned ?? get(ctx, actor, id);
}

/** The one rule of who sees what: users see their own loans, administrators see all. */
function isVisibleTo({ user }: Actor): SQL {
  return user.role === 'admin' ? isOfOpenAccount(loans.owner_id) : eq(loans.owner_id, user.id);
}

function requireFound<T>(loan: T | undefined): T {
  if (loan === undefined) throw new AppError('loan_not_found');
  return loan;
}
