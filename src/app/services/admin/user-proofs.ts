import { and, eq, isNull, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { mailProof } from '../auth/account-mails.ts';
import { findInvitation, mailInvitation } from '../auth/invitations.ts';
import * as audit from '../system/audit.ts';

/** Counts the address of a user as verified, by the operator's word. Nothing that was set before goes. */
export async function verify(ctx: RequestContext, id: string): Promise<void> {
  const change = ctx.db
    .update(users)
    .set({ email_verified_at: sql`now()` })
    .where(and(eq(users.id, id), isNull(users.email_verified_at), isOpen))
    .returning({ id: users.id });
  await audit.recordChange(ctx, change, { event: 'email.verified', subject_id: id, details: { kept: true } });
}

/** Mails a user a reset, or the invitation that is open again, in the name of the operator. Throws user_not_found, account_disabled. */
export async function sendReset(ctx: RequestContext, user_id: string): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const { id, email, locale, is_active } = users;
    const [user] = await ctx.db
      .select({ id, email, locale, is_active })
      .from(users)
      .where(and(eq(id, user_id), isOpen))
      .for('update');
    if (user === undefined) throw new AppError('user_not_found');
    if (!user.is_active) throw new AppError('account_disabled');
    const invitation = await findInvitation(ctx, user_id);
    await (invitation === undefined
      ? mailProof(ctx, 'reset_password', { user })
      : mailInvitation(ctx, user, undefined));
    await audit.record(ctx, { event: 'password.reset_requested', subject_id: user_id });
  });
}
