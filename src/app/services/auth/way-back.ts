import { and, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { oneTimeTokens } from '../../models/auth/one-time-tokens.ts';
import { isOpen, type User, users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { queueMail } from '../system/mail-queue.ts';
import { dropIdentities } from './first-proof.ts';
import { isHeld } from './held-addresses.ts';
import * as identities from './identities.ts';
import { type ProvedToken, revoke, spend } from './one-time-tokens.ts';
import * as protection from './protection.ts';
import * as sessions from './sessions.ts';

/** An account by its way back. */
export type Returned = Pick<User, 'id' | 'email' | 'locale' | 'is_active'>;

/**
 * Gives an account the address again that a way back leads to, in the transaction of what asks for it. Every session ends. After
 * a confirmed change what was added since its request goes too, since it may be an intruder's: passkeys, factors,
 * identities, and a password that was set meanwhile. Throws one_time_token_invalid if it was used meanwhile.
 */
export async function goBack(ctx: RequestContext, token: ProvedToken): Promise<Returned> {
  const { user_id, email, data } = token;
  await spend(ctx, token);
  const before = await lockUser(ctx, user_id);
  const wasVerified = data.was_verified === true;
  const isConfirmed = before.email !== email;
  const isPasswordTheirs =
    isConfirmed && data.password_version !== undefined && data.password_version !== before.password_version;
  // The link is the first proof of a mailbox that was never proved: nobody knows who set the password.
  const dropsPassword = !wasVerified || isPasswordTheirs;
  await ctx.db
    .update(users)
    .set({
      email,
      email_verified_at: sql`coalesce(${users.email_verified_at}, now())`,
      ...(dropsPassword && { password_hash: null, password_version: sql`${users.password_version} + 1` }),
    })
    .where(eq(users.id, user_id));
  if (isConfirmed) await removeSince(ctx, token);
  if (!wasVerified) await dropIdentities(ctx, user_id);
  await sessions.endAll(ctx, { user_id });
  await revoke(ctx, user_id, ['reset_password', 'confirm_email_change', 'login_code', 'verify_email']);
  await endLaterWays(ctx, token);
  await audit.record(ctx, { event: 'email.change_undone', subject_id: user_id, actor_id: user_id });
  return { id: user_id, email, locale: before.locale, is_active: before.is_active };
}

/** The way back of an account to an address that it has left and still holds; `undefined` if there is none. One statement. */
export async function findWayBack(
  { db }: Pick<RequestContext, 'db'>,
  { user_id, email }: Pick<ProvedToken, 'user_id' | 'email'>,
): Promise<ProvedToken | undefined> {
  const { id, purpose, data, created_at } = oneTimeTokens;
  const [way] = await db
    .select({ id, user_id: oneTimeTokens.user_id, purpose, email: oneTimeTokens.email, data })
    .from(oneTimeTokens)
    .innerJoin(users, eq(users.id, oneTimeTokens.user_id))
    .where(and(eq(users.id, user_id), ne(users.email, email), eq(oneTimeTokens.email, email), isHeld))
    .orderBy(created_at)
    .limit(1);
  return way;
}

/**
 * Mails the way back again to an address that an account has left and still holds: its owner may never have had that account,
 * and would get no answer otherwise. With a key it happens once for this key.
 */
export async function mailWayBack(
  ctx: RequestContext,
  email: EmailAddress,
  once: { dedupeKey: string },
): Promise<void> {
  const [held] = await ctx.db
    .select({ token_id: oneTimeTokens.id, id: users.id, locale: users.locale, new_email: users.email })
    .from(oneTimeTokens)
    .innerJoin(users, eq(users.id, oneTimeTokens.user_id))
    .where(and(eq(oneTimeTokens.email, email), isHeld, isOpen))
    .limit(1);
  if (held === undefined) return;
  const { token_id, id, locale, new_email } = held;
  await queueMail(
    ctx,
    'email_change_notice',
    { id, email, locale },
    { token_id, secures_user_id: id, new_email },
    once,
  );
}

async function lockUser({ db }: Pick<RequestContext, 'db'>, user_id: string) {
  const { id, email, locale, is_active, password_version } = users;
  const [user] = await db
    .select({ id, email, locale, is_active, password_version })
    .from(users)
    .where(and(eq(id, user_id), isOpen))
    .for('update');
  if (user === undefined) throw new AppError('one_time_token_invalid');
  return user;
}

async function removeSince(ctx: RequestContext, { id, user_id }: ProvedToken): Promise<void> {
  const [issued] = await ctx.db
    .select({ at: oneTimeTokens.created_at })
    .from(oneTimeTokens)
    .where(eq(oneTimeTokens.id, id));
  if (issued === undefined) return;
  await protection.removeAll(ctx, user_id, issued.at);
  await identities.removeSince(ctx, user_id, issued.at);
}

/** The links of later changes went to mailboxes of the person whom this one shuts out. */
async function endLaterWays({ db }: Pick<RequestContext, 'db'>, { id, user_id, email }: ProvedToken): Promise<void> {
  const issued = db.select({ at: oneTimeTokens.created_at }).from(oneTimeTokens).where(eq(oneTimeTokens.id, id));
  await db
    .delete(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.user_id, user_id),
        inArray(oneTimeTokens.purpose, ['undo_email_change', 'secure_account']),
        ne(oneTimeTokens.email, email),
        gt(oneTimeTokens.created_at, sql`(${issued})`),
      ),
    );
}
