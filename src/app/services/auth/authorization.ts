import { and, eq, exists, ne, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { RequestContext } from '../../context.ts';
import type { Core } from '../../core.ts';
import { type Role, users } from '../../models/auth/users.ts';
import type { ErrorCodeName } from '../../utils/error-codes.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';

/** Throws forbidden if the caller lacks the role, and records the first refusal of a minute; the request log has them all. */
export async function requireRole(
  ctx: RequestContext,
  { role, operation }: { role: Role; operation: string },
): Promise<void> {
  if (ctx.actor?.user.role === role) return;
  await recordRefusal(ctx, operation);
  throw new AppError('forbidden');
}

/**
 * The caller's membership in a thing that members share: `requireMember(ctx, select, { roles: ['organiser'], missing: 'club_not_found' })`,
 * where `select` reads the caller's row. Throws `missing` for a caller who is no member, so that ids cannot be probed, and
 * forbidden for a member without one of the roles; a route that asks for roles declares `errors: ['forbidden', …]`.
 */
export async function requireMember<M extends { role: string }>(
  ctx: RequestContext,
  memberships: PromiseLike<readonly M[]>,
  { roles, missing }: { roles?: readonly M['role'][]; missing: ErrorCodeName },
): Promise<M> {
  const [membership] = await memberships;
  if (membership === undefined) throw new AppError(missing);
  if (roles === undefined || roles.includes(membership.role)) return membership;
  await recordRefusal(ctx, `as ${roles.join(' or ')}`);
  throw new AppError('forbidden');
}

/**
 * Throws last_admin if this user is the only active administrator. Call it in the transaction that removes one. If an
 * administrator leaves, every active administrator's row is locked, in the order of the ids, so that two who leave at once
 * cannot both count on the other. Otherwise the user's own row alone is locked, so that no one promotes it meanwhile.
 * It is one statement, so that the change may be sent right behind it; before a refusal there is a second one.
 */
export async function requireOtherAdmin(ctx: Pick<Core, 'db'>, leaving_id: string): Promise<void> {
  const isAdmin = and(eq(users.role, 'admin'), eq(users.is_active, true));
  const leaving = alias(users, 'leaving');
  const isAdminLeaving = exists(
    ctx.db
      .select({ id: leaving.id })
      .from(leaving)
      .where(and(eq(leaving.id, leaving_id), eq(leaving.role, 'admin'), eq(leaving.is_active, true))),
  );
  const locked = await ctx.db
    .select({ id: users.id, role: users.role, is_active: users.is_active })
    .from(users)
    .where(or(eq(users.id, leaving_id), and(isAdmin, isAdminLeaving)))
    .orderBy(users.id)
    .for('update', { of: users });
  const admins = locked.filter(({ role, is_active }) => role === 'admin' && is_active);
  if (admins.length !== 1 || admins[0]?.id !== leaving_id) return;
  // One who was promoted while the statement waited for the row is seen as an administrator, and the others are not seen.
  const [other] = await ctx.db
    .select({ id: users.id })
    .from(users)
    .where(and(isAdmin, ne(users.id, leaving_id)))
    .orderBy(users.id)
    .limit(1)
    .for('update');
  if (other === undefined) throw new AppError('last_admin');
}

async function recordRefusal(ctx: RequestContext, operation: string): Promise<void> {
  const user = ctx.actor?.user;
  if (user && ctx.refusals.isFirst(`${user.id} ${operation}`))
    await audit.record(ctx, { event: 'access.forbidden', subject_id: user.id, details: { operation } });
}
