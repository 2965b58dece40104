import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { dropIdentities } from './first-proof.ts';
import * as limits from './limits.ts';
import * as mailRequests from './mail-requests.ts';
import { ENDED_BY_PASSWORD, prove, revoke, spend, type TokenProof } from './one-time-tokens.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as protection from './protection.ts';
import * as sessions from './sessions.ts';

/** Has a link and a code mailed that set a new password. Says the same, after the same work, whether or not there is an account. */
export async function request(ctx: RequestContext, input: { email: string }): Promise<void> {
  await mailRequests.accept(ctx, 'reset_password', input);
}

/**
 * Sets a new password by a mailed link or code. Every session ends and none is made: a second factor is not skipped. The
 * mailbox counts as verified. Throws one_time_token_invalid, or a password code, which leaves the token usable.
 */
export async function reset(
  ctx: RequestContext,
  { password, ...proof }: TokenProof & { password: string },
): Promise<void> {
  const token = await prove(ctx, 'reset_password', proof);
  const { user_id, email } = token;
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  const password_hash = await hashNew(ctx, password, { field: 'password' });
  const waits = await limits.findWaits(ctx, email);
  await inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const verified = await setPassword(ctx, user_id, password_hash);
    // Of an account whose mailbox was never proved nobody knows who added them.
    if (verified.entries.length > 0) await protection.removeAll(ctx, user_id);
    await sessions.endAll(ctx, { user_id });
    await limits.forget(ctx, email);
    await revoke(ctx, user_id, [...ENDED_BY_PASSWORD, 'verify_email']);
    await audit.record(ctx, { event: 'password.reset', subject_id: user_id, actor_id: user_id }, ...verified.entries);
    await notify(ctx, 'password.reset', { id: user_id, email, locale: verified.locale });
  });
  await limits.endWaits(ctx, waits);
}

/** A disabled account keeps its password, and is as good as none. */
async function setPassword(ctx: RequestContext, id: string, password_hash: string) {
  const [before] = await ctx.db
    .select({ locale: users.locale, email_verified_at: users.email_verified_at })
    .from(users)
    .where(and(eq(users.id, id), eq(users.is_active, true), isOpen))
    .for('update');
  if (before === undefined) throw new AppError('one_time_token_invalid');
  await ctx.db
    .update(users)
    .set({
      password_hash,
      password_version: sql`${users.password_version} + 1`,
      email_verified_at: sql`coalesce(${users.email_verified_at}, now())`,
    })
    .where(eq(users.id, id));
  if (before.email_verified_at !== null) return { locale: before.locale, entries: [] };
  await dropIdentities(ctx, id);
  const entry: audit.AuditEntry = { event: 'email.verified', subject_id: id, actor_id: id };
  return { locale: before.locale, entries: [entry] };
}
