import { and, type Column, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { memberships } from '../models/memberships.ts';
import { requireMember } from './auth/authorization.ts';

/** What stands in a club is seen by its members; administrators see all. `club_id` is the column that names the club. */
export function isSharedWith({ user }: Actor, club_id: Column): SQL | undefined {
  if (user.role === 'admin') return undefined;
  const isOwn = eq(memberships.user_id, user.id);
  return sql`${club_id} in (select ${memberships.club_id} from ${memberships} where ${isOwn})`;
}

/** Throws club_not_found for a caller who is no member, and forbidden for a reader; administrators may do all. */
export async function requireOrganiser(ctx: RequestContext, { user }: Actor, club_id: string): Promise<void> {
  if (user.role === 'admin') return;
  const own = ctx.db
    .select({ role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.club_id, club_id), eq(memberships.user_id, user.id)));
  await requireMember(ctx, own, { roles: ['organiser'], missing: 'club_not_found' });
}
