import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { memberships } from '../models/memberships.ts';
import { Membership, type MembershipCreate, type MembershipUpdate } from '../schemas/memberships.ts';
import { columnsOf } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact, exactRow } from '../utils/exact.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { isSharedWith, requireOrganiser } from './club-rules.ts';
import * as clubs from './clubs.ts';

const columns = columnsOf(memberships, Membership);

/** The members of a club, the newest first; throws club_not_found. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  { club_id, ...request }: PageRequest & { club_id: string },
): Promise<Page<Membership>> {
  await clubs.get(ctx, actor, club_id);
  const order = newestFirst(memberships.id);
  return paginate(ctx.db.select(columns).from(memberships), request, {
    where: and(eq(memberships.club_id, club_id), isVisibleTo(actor)),
    order,
  });
}

/** Makes a user a member, and gives the membership of one who is; throws club_not_found, user_not_found, and forbidden for a reader. */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  input: MembershipCreate & { club_id: string },
): Promise<Membership> {
  await requireOrganiser(ctx, actor, input.club_id);
  const row = exactRow(memberships, { ...input, owner_id: actor.user.id });
  const [membership] = await ctx.db
    .insert(memberships)
    .values(row)
    .onConflictDoUpdate({
      target: [memberships.user_id, memberships.club_id],
      set: { club_id: sql`excluded.club_id` },
    })
    .returning(columns);
  return requireFound(membership);
}

/** The membership, or throws membership_not_found: also in a club whose member the caller is not. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Membership> {
  const [membership] = await ctx.db
    .select(columns)
    .from(memberships)
    .where(and(eq(memberships.id, id), isVisibleTo(actor)));
  return requireFound(membership);
}

/** Gives the member another role; throws membership_not_found, and forbidden for a reader. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, role }: MembershipUpdate & { id: string },
): Promise<Membership> {
  await requireOrganiser(ctx, actor, (await get(ctx, actor, id)).club_id);
  const [membership] = await ctx.db
    .update(memberships)
    .set(exact(memberships, { role }))
    .where(eq(memberships.id, id))
    .returning(columns);
  return requireFound(membership);
}

/** Ends a membership; throws membership_not_found, and forbidden for a reader unless it is the own one. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  const { club_id, user_id } = await get(ctx, actor, id);
  if (user_id !== actor.user.id) await requireOrganiser(ctx, actor, club_id);
  await ctx.db.delete(memberships).where(eq(memberships.id, id));
}

/** Members see one another, administrators see all. */
function isVisibleTo(actor: Actor): SQL | undefined {
  return and(isOfOpenAccount(memberships.user_id), isSharedWith(actor, memberships.club_id));
}

function requireFound<T>(membership: T | undefined): T {
  if (membership === undefined) throw new AppError('membership_not_found');
  return membership;
}
