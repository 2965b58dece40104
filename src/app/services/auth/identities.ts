import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { identities } from '../../models/auth/identities.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { requireLoginMethod } from './login-methods.ts';
import * as socialLogin from './social-login.ts';

const { id, provider, subject, email, created_at } = identities;
const viewColumns = { id, provider, subject, email, created_at };
export type IdentityView = Pick<typeof identities.$inferSelect, keyof typeof viewColumns>;

/** The accounts of providers by which an account can be signed in to, the newest first. */
export async function list(
  ctx: RequestContext,
  { user }: { user: Pick<Actor['user'], 'id'> },
  request: PageRequest,
): Promise<Page<IdentityView>> {
  return paginate(ctx.db.select(viewColumns).from(identities), request, {
    where: eq(identities.user_id, user.id),
    order: newestFirst(id),
  });
}

/** The address that links an account of a provider to the caller's, once, in the browser. Throws provider_not_found, validation_failed. */
export async function begin(
  ctx: RequestContext,
  actor: Actor,
  asked: { provider: string; redirect_to?: string },
): Promise<{ authorization_url: string }> {
  return { authorization_url: socialLogin.linkAddress(ctx, actor, asked) };
}

/** Removes one of the caller's identities. Throws identity_not_found, last_login_method. */
export async function remove(ctx: RequestContext, { user }: Actor, { id }: { id: string }): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const isOwn = and(eq(users.id, user.id), isOpen);
    await ctx.db.select({ id: users.id }).from(users).where(isOwn).for('update');
    const [removed] = await ctx.db
      .delete(identities)
      .where(and(eq(identities.user_id, user.id), eq(identities.id, id)))
      .returning({ provider });
    if (removed === undefined) throw new AppError('identity_not_found');
    await requireLoginMethod(ctx, user.id);
    const details = { identity_id: id, ...removed };
    await audit.record(ctx, { event: 'identity.unlinked', subject_id: user.id, details });
    await notify(ctx, 'identity.unlinked', user, { subject: removed.provider });
  });
}

/** Removes the identities of an account that were added since a time, in the transaction of what asks for it. */
export async function removeSince({ db }: Pick<RequestContext, 'db'>, user_id: string, since: Date): Promise<void> {
  const isRecent = sql`${identities.created_at} >= ${since.toISOString()}::timestamptz`;
  await db.delete(identities).where(and(eq(identities.user_id, user_id), isRecent));
}
