import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { mailProof } from './account-mails.ts';
import * as identities from './identities.ts';
import { prove, revoke, spend } from './one-time-tokens.ts';
import * as protection from './protection.ts';
import * as sessions from './sessions.ts';
import { findWayBack, goBack } from './way-back.ts';

/** What was added in this time may be the intruder's. */
const RECENT_MS = 7 * 86_400_000;

/**
 * The "this was not me" of a notice: every session ends, the password goes, and the factors, passkeys and identities of the last seven
 * days, what was asked for by mail is void, and a reset is mailed to the account's address. The link of a former address brings
 * that back first, as long as the change can be undone: the present one may be the intruder's. Throws one_time_token_invalid.
 */
export async function secure(ctx: RequestContext, { token: text }: { token: string }): Promise<void> {
  const token = await prove(ctx, 'secure_account', { token: text });
  const { user_id } = token;
  await inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const way = await findWayBack(ctx, token);
    if (way !== undefined) await goBack(ctx, way);
    const { id, email, locale, is_active } = users;
    const [user] = await ctx.db
      .update(users)
      .set({ password_hash: null, password_version: sql`${users.password_version} + 1` })
      .where(and(eq(id, user_id), isOpen))
      .returning({ id, email, locale, is_active });
    if (user === undefined) throw new AppError('one_time_token_invalid');
    const since = new Date(ctx.clock.now().getTime() - RECENT_MS);
    await protection.removeAll(ctx, user_id, since);
    await identities.removeSince(ctx, user_id, since);
    await sessions.endAll(ctx, { user_id });
    await revoke(ctx, user_id, ['reset_password', 'confirm_email_change', 'login_code', 'verify_email']);
    await audit.record(ctx, { event: 'user.secured', subject_id: user_id, actor_id: user_id });
    if (user.is_active) await mailProof(ctx, 'reset_password', { user });
  });
}
