import { and, eq, type SQL } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { atOnce, inOrder, inTransaction } from '../database.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { clubs } from '../models/clubs.ts';
import { memberships } from '../models/memberships.ts';
import { Club, type ClubCreate, type ClubUpdate } from '../schemas/clubs.ts';
import { isOther } from '../utils/changes.ts';
import { columnsOf } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact, exactRow } from '../utils/exact.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { insertOwned } from './auth/quota.ts';
import { isSharedWith, requireOrganiser } from './club-rules.ts';

const columns = columnsOf(clubs, Club);

/** The clubs whose member the caller is, newest first; an administrator's list has all. */
export async function list(ctx: RequestContext, actor: Actor, request: PageRequest): Promise<Page<Club>> {
  const order = newestFirst(clubs.id);
  return paginate(ctx.db.select(columns).from(clubs), request, { where: isVisibleTo(actor), order });
}

/** Founds a club, whose first organiser is the caller; throws club_limit. */
export async function create(ctx: RequestContext, actor: Actor, input: ClubCreate): Promise<Club> {
  const row = exactRow(clubs, { ...input, owner_id: actor.user.id });
  return inTransaction(ctx, async (ctx) => {
    const club = await insertOwned<Club>(ctx, clubs, { row, columns, most: ctx.config.clubs_per_account });
    if (club === undefined) throw new AppError('club_limit');
    const { id: user_id } = actor.user;
    const founder = { club_id: club.id, user_id, role: 'organiser', owner_id: user_id } as const;
    await ctx.db.insert(memberships).values(exactRow(memberships, founder));
    return club;
  });
}

/** The club, or throws club_not_found: also for a club whose member the caller is not, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Club> {
  const [club] = await ctx.db
    .select(columns)
    .from(clubs)
    .where(and(eq(clubs.id, id), isVisibleTo(actor)));
  return requireFound(club);
}

/** Changes the given fields, and writes nothing if they are stored already; throws club_not_found, and forbidden for a reader. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...given }: ClubUpdate & { id: string },
): Promise<Club> {
  await requireOrganiser(ctx, actor, id);
  const isMeant = and(eq(clubs.id, id), isVisibleTo(actor));
  // Sent at once; the club is read after its change.
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(clubs)
        .set(exact(clubs, given))
        .where(and(isMeant, isOther<ClubUpdate>(clubs, given)))
        .returning(columns),
      ctx.db.select(columns).from(clubs).where(isMeant),
    ]),
  );
  return requireFound(changed ?? stored);
}

/** Deletes the club with all that stands in it; throws club_not_found, and forbidden for a reader. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  await requireOrganiser(ctx, actor, id);
  const [club] = await ctx.db
    .delete(clubs)
    .where(and(eq(clubs.id, id), isVisibleTo(actor)))
    .returning({ id: clubs.id });
  requireFound(club);
}

/** The one rule of who sees what: members see their clubs, administrators see all. */
function isVisibleTo(actor: Actor): SQL | undefined {
  return and(isOfOpenAccount(clubs.owner_id), isSharedWith(actor, clubs.id));
}

function requireFound<T>(club: T | undefined): T {
  if (club === undefined) throw new AppError('club_not_found');
  return club;
}
