import { and, eq, type SQL } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { atOnce, inOrder } from '../database.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { readings } from '../models/readings.ts';
import { Reading, type ReadingCreate, type ReadingUpdate } from '../schemas/readings.ts';
import { isOther } from '../utils/changes.ts';
import { columnsOf } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact, exactRow } from '../utils/exact.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { insertOwned } from './auth/quota.ts';
import * as books from './books.ts';
import { isSharedWith, requireOrganiser } from './club-rules.ts';
import * as clubs from './clubs.ts';

const columns = columnsOf(readings, Reading);

/** The readings of a club; throws club_not_found. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  { club_id, ...request }: PageRequest & { club_id: string },
): Promise<Page<Reading>> {
  await clubs.get(ctx, actor, club_id);
  const order = newestFirst(readings.id);
  return paginate(ctx.db.select(columns).from(readings), request, {
    where: and(eq(readings.club_id, club_id), isVisibleTo(actor)),
    order,
  });
}

/** Adds a reading to the club; throws club_not_found, book_not_found for a book of another club, reading_limit, and forbidden for a reader. */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  input: ReadingCreate & { club_id: string },
): Promise<Reading> {
  await requireOrganiser(ctx, actor, input.club_id);
  const book = await books.get(ctx, actor, input.book_id);
  if (book.club_id !== input.club_id) throw new AppError('book_not_found');
  const row = exactRow(readings, { ...input, owner_id: actor.user.id });
  const reading = await insertOwned<Reading>(ctx, readings, { row, columns, most: ctx.config.readings_per_account });
  if (reading === undefined) throw new AppError('reading_limit');
  return reading;
}

/** The reading, or throws reading_not_found: also for one of a club whose member the caller is not, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Reading> {
  const [reading] = await ctx.db
    .select(columns)
    .from(readings)
    .where(and(eq(readings.id, id), isVisibleTo(actor)));
  return requireFound(reading);
}

/** Changes the given fields, and writes nothing if they are stored already; throws reading_not_found, and forbidden for a reader. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...given }: ReadingUpdate & { id: string },
): Promise<Reading> {
  await requireOrganiser(ctx, actor, (await get(ctx, actor, id)).club_id);
  const isMeant = and(eq(readings.id, id), isVisibleTo(actor));
  // Sent at once; the reading is read after its change.
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(readings)
        .set(exact(readings, given))
        .where(and(isMeant, isOther<ReadingUpdate>(readings, given)))
        .returning(columns),
      ctx.db.select(columns).from(readings).where(isMeant),
    ]),
  );
  return requireFound(changed ?? stored);
}

/** Deletes the reading; throws reading_not_found, and forbidden for a reader. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  await requireOrganiser(ctx, actor, (await get(ctx, actor, id)).club_id);
  const [reading] = await ctx.db
    .delete(readings)
    .where(and(eq(readings.id, id), isVisibleTo(actor)))
    .returning({ id: readings.id });
  requireFound(reading);
}

/** The one rule of who sees what: members of the club see its readings, administrators see all. */
function isVisibleTo(actor: Actor): SQL | undefined {
  return and(isOfOpenAccount(readings.owner_id), isSharedWith(actor, readings.club_id));
}

function requireFound<T>(reading: T | undefined): T {
  if (reading === undefined) throw new AppError('reading_not_found');
  return reading;
}
