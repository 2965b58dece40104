import { and, eq, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import { atOnce, inOrder, inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type Role, type User, users } from '../../models/auth/users.ts';
import { changedFields } from '../../utils/changes.ts';
import { NO_ADDRESS, parseEmail, requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { matches, startsWith } from '../../utils/filters.ts';
import { newId } from '../../utils/ids.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import { requireOtherAdmin } from '../auth/authorization.ts';
import * as closing from '../auth/closing.ts';
import * as limits from '../auth/limits.ts';
import * as oneTimeTokens from '../auth/one-time-tokens.ts';
import { hashNew, requireGoodPassword } from '../auth/passwords.ts';
import * as sessions from '../auth/sessions.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { search } from './users/search.ts';

export interface UserFilter extends PageRequest {
  /** The beginning of the address. */
  email?: string;
  /** Beginnings of words of the address and the name. */
  q?: string;
  role?: Role;
  is_active?: boolean;
}

export interface UserChanges {
  name?: string | null;
  role?: Role;
  is_active?: boolean;
}

const FILTERS = {
  email: (text: string) => startsWith(users.email)(text.trim().toLowerCase()),
  role: users.role,
  is_active: users.is_active,
};

/** Users, newest first, that match every filter given. */
export async function list(ctx: RequestContext, request: UserFilter): Promise<Page<User>> {
  const order = newestFirst(users.id);
  const where = and(isOpen, matches(FILTERS, request));
  if (request.q !== undefined) return search(ctx, { ...request, q: request.q }, where);
  return paginate(ctx.db.select(publicUserColumns).from(users), request, { where, order });
}

export interface NewUser {
  email: string;
  password: string;
  name?: string | null;
  role?: Role;
  /** True if the caller vouches for the address: nobody has to prove it. */
  is_verified?: boolean;
}

/** Opens an account without a session. Throws what registration throws. */
export async function create(
  ctx: RequestContext,
  { email: text, password, name = null, role = 'user', is_verified = false }: NewUser,
): Promise<User> {
  const email = requireEmail(text);
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  const password_hash = await hashNew(ctx, password, { field: 'password' });
  const id = newId();
  return atOnce(ctx, async (ctx) => {
    const email_verified_at = is_verified ? sql`now()` : null;
    const change = ctx.db
      .insert(users)
      .values({ id, email, name, role, password_hash, email_verified_at })
      .returning(publicUserColumns);
    const [[user]] = await inOrder([
      audit.recordChange(ctx, change, { event: 'user.created', subject_id: id, details: { role } }),
      limits.forget(ctx, email),
      ...(is_verified ? [audit.record(ctx, { event: 'email.verified', subject_id: id })] : []),
    ]);
    return found(user);
  });
}

/** The user, or throws user_not_found. */
export async function get(ctx: RequestContext, id: string): Promise<User> {
  const [user] = await ctx.db
    .select(publicUserColumns)
    .from(users)
    .where(and(eq(users.id, id), isOpen));
  return found(user);
}

/** The same, with the row locked until the end of the transaction; sent before what is called after it. */
export async function lock(ctx: RequestContext, id: string): Promise<User> {
  const [user] = await ctx.db
    .select(publicUserColumns)
    .from(users)
    .where(and(eq(users.id, id), isOpen))
    .for('update')
    .execute();
  return found(user);
}

/** The user with this address, in any spelling, or throws user_not_found. */
export async function getByEmail(ctx: AppContext, email: string): Promise<User> {
  const [user] = await ctx.db
    .select(publicUserColumns)
    .from(users)
    .where(eq(users.email, parseEmail(email) ?? NO_ADDRESS));
  return found(user);
}

/** Changes name, role or state; values that are stored already write and record nothing. Disabling ends every session at once; the last administrator stays one. */
export async function update(ctx: RequestContext, { id, ...given }: UserChanges & { id: string }): Promise<User> {
  return inTransaction(ctx, async (ctx) => {
    const stored = await get(ctx, id);
    const changes = changedFields<UserChanges>(stored, given);
    if (changes === undefined) return stored;
    const isLeaving = changes.role === 'user' || changes.is_active === false;
    // Sent at once and carried out in this order; a refusal by any of them undoes the others.
    const [, [user]] = await inOrder([
      isLeaving && requireOtherAdmin(ctx, id),
      ctx.db
        .update(users)
        .set(changes)
        .where(and(eq(users.id, id), isOpen))
        .returning(publicUserColumns),
      audit.record(ctx, ...changeEntries(id, changes)),
      changes.is_active === false && sessions.endAll(ctx, { user_id: id }),
      changes.is_active === false && notify(ctx, 'user.disabled', stored),
    ]);
    return found(user);
  });
}

/** Sets a user's password without the old one, ends every session and unlocks the account. Throws the password codes. */
export async function resetPassword(
  ctx: RequestContext,
  { id, password }: { id: string; password: string },
): Promise<void> {
  const { email } = await get(ctx, id);
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  const password_hash = await ctx.hasher.hash(password);
  await inTransaction(ctx, async (ctx) => {
    const [row] = await ctx.db
      .update(users)
      .set({ password_hash, password_version: sql`${users.password_version} + 1` })
      .where(and(eq(users.id, id), isOpen))
      .returning({ id: users.id, email: users.email, locale: users.locale });
    const user = found(row);
    await sessions.endAll(ctx, { user_id: id });
    await limits.forget(ctx, email);
    await oneTimeTokens.revoke(ctx, id, [...oneTimeTokens.ENDED_BY_PASSWORD, 'invitation']);
    await audit.record(ctx, { event: 'password.reset', subject_id: id });
    await notify(ctx, 'password.changed', user);
  });
  await limits.endWaits(ctx, await limits.findWaits(ctx, email));
}

/** Deletes a user and everything that the user owns. Throws user_not_found or last_admin. */
export async function remove(ctx: RequestContext, id: string): Promise<void> {
  if (!(await closing.close(ctx, { id }))) throw new AppError('user_not_found');
}

/** Makes an existing account an active administrator; false if no account has the address. Throws validation_failed. */
export async function promote(ctx: RequestContext, text: string): Promise<boolean> {
  const email = requireEmail(text);
  return inTransaction(ctx, async (ctx) => {
    const [stored] = await ctx.db.select(publicUserColumns).from(users).where(eq(users.email, email));
    if (stored === undefined) return false;
    const changes = changedFields<UserChanges>(stored, { role: 'admin', is_active: true });
    if (changes === undefined) return true;
    await ctx.db.update(users).set(changes).where(eq(users.id, stored.id));
    await audit.record(ctx, ...changeEntries(stored.id, changes));
    return true;
  });
}

/** One entry for each kind of change, so that a filter on the event finds it. */
function changeEntries(subject_id: string, { name, role, is_active }: UserChanges): audit.AuditEntry[] {
  const entries: audit.AuditEntry[] = [];
  if (name !== undefined) entries.push({ event: 'user.updated', subject_id, details: { fields: ['name'] } });
  if (role !== undefined) entries.push({ event: 'user.role_changed', subject_id, details: { role } });
  if (is_active !== undefined) entries.push({ event: is_active ? 'user.enabled' : 'user.disabled', subject_id });
  return entries;
}

function found<T>(user: T | undefined): T {
  if (user === undefined) throw new AppError('user_not_found');
  return user;
}
