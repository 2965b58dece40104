import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type Role, type User, users } from '../../models/auth/users.ts';
import { requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import { findInvitation, mailInvitation } from '../auth/invitations.ts';
import * as audit from '../system/audit.ts';
import { update } from './users.ts';

/** Whom to invite. */
export interface Invitation {
  email: string;
  name?: string | null;
  role?: Role;
}

/**
 * Opens an account without a password and mails an invitation, again if there is an open one, with the name and the role that are
 * given now. Throws email_taken.
 */
export async function invite(
  ctx: RequestContext,
  { email: text, ...given }: Invitation,
): Promise<{ user: User; isNew: boolean }> {
  const email = requireEmail(text);
  return inTransaction(ctx, async (ctx) => {
    const [opened] = await ctx.db
      .insert(users)
      .values({ id: newId(), email, ...given })
      .onConflictDoNothing({ target: users.email })
      .returning(publicUserColumns);
    const user = opened ?? (await change(ctx, email, given));
    const { id, role } = user;
    await mailInvitation(ctx, user, ctx.actor?.user);
    await audit.record(ctx, { event: 'user.invited', subject_id: id, details: { role } });
    return { user, isNew: opened !== undefined };
  });
}

/** The invited account of the address as it is now to be. */
async function change(ctx: RequestContext, email: User['email'], given: Omit<Invitation, 'email'>): Promise<User> {
  const [stored] = await ctx.db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.email, email), isOpen))
    .for('update');
  const invitation = stored && (await findInvitation(ctx, stored.id));
  if (stored === undefined || invitation === undefined) throw new AppError('email_taken');
  return update(ctx, { id: stored.id, ...given });
}
