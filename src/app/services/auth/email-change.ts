import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { type EmailAddress, requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { type Addressee, notify, queueMail } from '../system/mail-queue.ts';
import { mailProof } from './account-mails.ts';
import { findHolder } from './held-addresses.ts';
import * as limits from './limits.ts';
import { issue, prove, revoke, spend, type TokenProof } from './one-time-tokens.ts';
import { requireOwner } from './password-proof.ts';
import { goBack } from './way-back.ts';

/** A change that waits for its confirmation. */
export interface PendingChange {
  pending_email: string;
  expires_at: Date;
}

/** For this time a change can be undone, and the former address is nobody else's. */
const UNDO_SECONDS = 7 * 86_400;
/** The new mailbox is counted alike, taken or not. */
const COUNTED = { counted_as: 'confirm_email_change' } as const;

/**
 * Has a link and a code mailed to the new address, and a notice with the way back to the present one. An address that is taken
 * is answered after the same work, and its owner is mailed instead. Throws invalid_credentials, reauthentication_required, conflict.
 */
export async function request(
  ctx: RequestContext,
  actor: Actor,
  { email: text, password }: { email: string; password?: string | undefined },
): Promise<PendingChange> {
  const new_email = requireEmail(text);
  const { password_version, released } = await requireOwner(ctx, actor, password);
  await Promise.all([limits.countMail(ctx, 'confirm_email_change', new_email), released]);
  const lifeSeconds = ctx.config.hours_verify_link * 3600;
  return inTransaction(ctx, async (ctx) => {
    const { id, email, locale, email_verified_at } = users;
    const expires_at = sql<string>`now() + make_interval(secs => ${lifeSeconds})`;
    const [[user], holder] = await inOrder([
      ctx.db
        .select({ id, email, locale, email_verified_at, password_version: users.password_version, expires_at })
        .from(users)
        .where(and(eq(id, actor.user.id), eq(users.password_version, password_version)))
        .for('update'),
      findHolder(ctx, new_email, actor.user.id),
    ]);
    if (user === undefined) throw new AppError('conflict');
    await inOrder([
      ...(holder === undefined
        ? confirmation(ctx, user, new_email)
        : refusal(ctx, user, { ...holder, email: new_email })),
      ...notice(ctx, user, new_email),
      audit.record(ctx, { event: 'email.change_requested', subject_id: user.id }),
    ]);
    return { pending_email: new_email, expires_at: new Date(user.expires_at) };
  });
}

/**
 * Gives the account the address that a mailed link or code proves. No session ends. Throws one_time_token_invalid, email_taken
 * if another account has got the address meanwhile.
 */
export async function confirm(ctx: RequestContext, proof: TokenProof): Promise<User> {
  const token = await prove(ctx, 'confirm_email_change', proof);
  const { user_id, email: new_email } = token;
  return inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const before = await lockUser(ctx, user_id);
    if (!before.is_active) throw new AppError('one_time_token_invalid');
    const [user] = await ctx.db
      .update(users)
      .set({ email: new_email, email_verified_at: sql`now()` })
      .where(eq(users.id, user_id))
      .returning(publicUserColumns);
    if (user === undefined) throw new AppError('one_time_token_invalid');
    await limits.forget(ctx, new_email);
    await audit.record(ctx, { event: 'email.changed', subject_id: user_id, actor_id: user_id });
    for (const email of [before.email, new_email])
      await notify(ctx, 'email.changed', { ...before, email }, { subject: new_email });
    return user;
  });
}

/**
 * The way back of a change: a pending one is void, and after any number of confirmed ones the account has the address again
 * that the link was mailed to, without what was added meanwhile. Every session ends and a reset is mailed there. Throws
 * one_time_token_invalid.
 */
export async function undo(ctx: RequestContext, { token: text }: { token: string }): Promise<void> {
  const token = await prove(ctx, 'undo_email_change', { token: text });
  await inTransaction(ctx, async (ctx) => {
    const user = await goBack(ctx, token);
    if (user.is_active) await mailProof(ctx, 'reset_password', { user });
  });
}

/** Two statements, as in `refusal`. */
function confirmation(ctx: RequestContext, user: Addressee, new_email: EmailAddress): Promise<unknown>[] {
  const id = newId();
  const { hours_verify_link, minutes_code } = ctx.config;
  const token = {
    ...{ id, user_id: user.id, email: new_email },
    purpose: 'confirm_email_change',
    lifeSeconds: hours_verify_link * 3600,
    codeLifeSeconds: minutes_code * 60,
  } as const;
  return [
    issue(ctx, token),
    queueMail(ctx, 'confirm_email_change', { ...user, email: new_email }, { token_id: id, ...COUNTED }),
  ];
}

/** The former pending change ends too: otherwise it would tell that this address is taken. */
function refusal(ctx: RequestContext, user: Addressee, owner: Addressee): Promise<unknown>[] {
  return [revoke(ctx, user.id, ['confirm_email_change']), queueMail(ctx, 'address_taken', owner, COUNTED)];
}

/** Goes to the present address in any case, and with SECURITY_MAILS=false too. */
function notice(
  ctx: RequestContext,
  user: Addressee & { email_verified_at: Date | null; password_version: number },
  new_email: EmailAddress,
): Promise<unknown>[] {
  const id = newId();
  const token = {
    ...{ id, user_id: user.id, email: user.email },
    purpose: 'undo_email_change',
    lifeSeconds: UNDO_SECONDS,
    data: { was_verified: user.email_verified_at !== null, password_version: user.password_version },
  } as const;
  return [
    issue(ctx, token),
    queueMail(ctx, 'email_change_notice', user, { token_id: id, secures_user_id: user.id, new_email }),
  ];
}

async function lockUser(ctx: RequestContext, user_id: string) {
  const { id, email, locale, is_active } = users;
  const [user] = await ctx.db
    .select({ id, email, locale, is_active })
    .from(users)
    .where(and(eq(id, user_id), isOpen))
    .for('update');
  if (user === undefined) throw new AppError('one_time_token_invalid');
  return user;
}
