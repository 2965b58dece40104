import { and, eq, isNull, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Core } from '../../core.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { oneTimeTokens } from '../../models/auth/one-time-tokens.ts';
import { isOpen, publicUserColumns, type Role, users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { type Addressee, queueMail } from '../system/mail-queue.ts';
import { dropIdentities } from './first-proof.ts';
import * as limits from './limits.ts';
import { ENDED_BY_PASSWORD, issue, type ProvedToken, prove, revoke, spend } from './one-time-tokens.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** Who invited; absent for the operator. Without an address the mail names nobody. */
type Inviter = { id: string; email?: EmailAddress | undefined } | undefined;

/** What an invited person sends. */
interface Acceptance {
  token: string;
  password: string;
  name?: string | null;
}

/** Accepts an invitation and starts a session. Throws what `setFirstPassword` throws, mfa_required, mfa_enrollment_required. */
export async function accept(ctx: RequestContext, acceptance: Acceptance): Promise<TokenPair> {
  const user = await setFirstPassword(ctx, acceptance);
  // After the transaction: a demand for the second factor must not take the invitation back.
  const pair = await sessions.start(ctx, user, ['email']);
  if (pair === undefined) throw new AppError('one_time_token_invalid');
  return pair;
}

/**
 * Sets the first password of an invited account, by the link of its invitation. The address counts as verified. Throws
 * one_time_token_invalid, account_disabled, or a password code, which leaves the link usable.
 */
export async function setFirstPassword(
  ctx: RequestContext,
  { token: text, password, ...profile }: Acceptance,
): Promise<sessions.ProvedUser> {
  const token = await prove(ctx, 'invitation', { token: text });
  const { user_id, email } = token;
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  const password_hash = await hashNew(ctx, password, { field: 'password' });
  return inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const isFirst = await requireInvited(ctx, token);
    if (isFirst) {
      await dropIdentities(ctx, user_id);
      await sessions.endAll(ctx, { user_id });
    }
    const { id, role, password_version, locale, has_factor } = users;
    const [user] = await ctx.db
      .update(users)
      .set({
        ...profile,
        password_hash,
        password_version: sql`${password_version} + 1`,
        email_verified_at: sql`coalesce(${users.email_verified_at}, now())`,
      })
      .where(eq(id, user_id))
      .returning({ id, role, password_version, locale, has_factor });
    await limits.forget(ctx, email);
    await revoke(ctx, user_id, [...ENDED_BY_PASSWORD, 'verify_email']);
    const entry = { subject_id: user_id, actor_id: user_id };
    await audit.record(
      ctx,
      { event: 'invitation.accepted', ...entry },
      ...(isFirst ? [{ event: 'email.verified', ...entry } as const] : []),
    );
    if (user === undefined) throw new AppError('one_time_token_invalid');
    return { ...user, email };
  });
}

/** The invitation that an account has not accepted, also if its link is too old by now. */
export async function findInvitation(
  { db }: Pick<Core, 'db'>,
  user_id: string,
): Promise<{ invited_by: string | undefined } | undefined> {
  const [row] = await db
    .select({ data: oneTimeTokens.data })
    .from(oneTimeTokens)
    .where(
      and(eq(oneTimeTokens.user_id, user_id), eq(oneTimeTokens.purpose, 'invitation'), isNull(oneTimeTokens.used_at)),
    );
  return row && { invited_by: inviterOf(row) };
}

/**
 * Mails an invitation in the transaction of `ctx`; an older link is void. With a key it happens once for this key: false if it did
 * before, and then the transaction must end.
 */
export async function mailInvitation(
  ctx: RequestContext,
  user: Addressee,
  inviter: Inviter,
  once: { dedupeKey?: string } = {},
): Promise<boolean> {
  const id = newId();
  const token = {
    ...{ id, user_id: user.id, email: user.email },
    purpose: 'invitation',
    lifeSeconds: ctx.config.days_invitation * 86_400,
    data: { invited_by: inviter?.id ?? null },
  } as const;
  const more = { token_id: id, ...(inviter?.email !== undefined && { invited_by: inviter.email }) };
  const [, isFirst] = await inOrder([issue(ctx, token), queueMail(ctx, 'invitation', user, more, once)]);
  return isFirst;
}

/**
 * Mails the invitation of an account again in the name of who sent it. Nothing is mailed if the inviter of an administrator is
 * none any more. The key is mailInvitation's.
 */
export async function remind(
  ctx: RequestContext,
  user: Addressee & { role: Role },
  { invited_by, ...once }: { invited_by: string | undefined; dedupeKey?: string },
): Promise<boolean> {
  if (invited_by === undefined) return mailInvitation(ctx, user, undefined, once);
  const inviter = await findInviter(ctx, invited_by);
  if (user.role === 'admin' && inviter?.isAdmin !== true) return true;
  return mailInvitation(ctx, user, { id: invited_by, email: inviter?.email }, once);
}

/** Locks the account. True if its mailbox was not proved before. */
async function requireInvited(ctx: RequestContext, { user_id, data }: ProvedToken): Promise<boolean> {
  const invited_by = inviterOf({ data });
  const inviter = invited_by === undefined ? undefined : await findInviter(ctx, invited_by);
  const { has_password } = publicUserColumns;
  const { role, is_active, email_verified_at } = users;
  const [user] = await ctx.db
    .select({ role, is_active, email_verified_at, has_password })
    .from(users)
    .where(and(eq(users.id, user_id), isOpen))
    .for('update');
  // A link that waits for nothing: the account is closed, or the operator gave it a password.
  if (user === undefined || user.has_password) throw new AppError('one_time_token_invalid');
  if (user.role === 'admin' && invited_by !== undefined && !inviter?.isAdmin)
    throw new AppError('one_time_token_invalid');
  if (!user.is_active) throw new AppError('account_disabled');
  return user.email_verified_at === null;
}

/** Locks the inviter's row, so that a demotion at the same time comes before or after. */
async function findInviter(
  ctx: RequestContext,
  id: string,
): Promise<{ email: EmailAddress; isAdmin: boolean } | undefined> {
  const [row] = await ctx.db
    .select({ email: users.email, role: users.role, is_active: users.is_active })
    .from(users)
    .where(and(eq(users.id, id), isOpen))
    .for('share');
  return row && { email: row.email, isAdmin: row.role === 'admin' && row.is_active };
}

function inviterOf({ data }: Pick<ProvedToken, 'data'>): string | undefined {
  return typeof data.invited_by === 'string' ? data.invited_by : undefined;
}
