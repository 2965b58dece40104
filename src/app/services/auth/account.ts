import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { canonicalEmail, requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { keepAnAdmin } from '../admin/users.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as sessions from './sessions.ts';

export interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

/** What a login fails with after the password was looked at; anything else refused it before. */
const LOGIN_VERDICTS: ReadonlySet<string> = new Set(['invalid_credentials', 'account_disabled']);

/** Opens an account and its first session. Throws email_taken, the password codes, validation_failed for no address. */
export async function register(ctx: RequestContext, registration: Registration): Promise<sessions.TokenPair> {
  const { registrations_total } = ctx.metrics;
  try {
    const pair = await openAccount(ctx, registration);
    registrations_total.inc('succeeded');
    return pair;
  } catch (error) {
    registrations_total.inc('refused');
    throw error;
  }
}

/** Starts a session. An unknown address and a wrong password do the same work and throw the same invalid_credentials. */
export async function login(
  ctx: RequestContext,
  credentials: { email: string; password: string },
): Promise<sessions.TokenPair> {
  const { logins_total } = ctx.metrics;
  try {
    const pair = await startByPassword(ctx, credentials);
    logins_total.inc('succeeded');
    return pair;
  } catch (error) {
    const isVerdict = error instanceof AppError && LOGIN_VERDICTS.has(error.code);
    logins_total.inc(isVerdict ? 'failed' : 'refused');
    throw error;
  }
}

export interface Grant {
  grant_type?: 'password' | 'refresh_token';
  username?: string;
  password?: string;
  refresh_token?: string;
}

/** OAuth2's token endpoint (RFC 6749 §4.3, §6): a login or a refresh, as the form says. */
export async function grant(
  ctx: RequestContext,
  { grant_type, username = '', password = '', refresh_token = '' }: Grant,
): Promise<sessions.TokenPair> {
  return grant_type === 'refresh_token'
    ? sessions.refresh(ctx, refresh_token)
    : login(ctx, { email: username, password });
}

/** Changes the caller's own name. */
export async function rename(ctx: RequestContext, actor: Actor, { name }: { name: string | null }): Promise<User> {
  return inTransaction(ctx, async (ctx) => {
    const [user] = await ctx.db
      .update(users)
      .set({ name })
      .where(eq(users.id, actor.user.id))
      .returning(publicUserColumns);
    if (user === undefined) throw new AppError('session_ended');
    await audit.record(ctx, { event: 'user.updated', subject_id: user.id, details: { fields: ['name'] } });
    return user;
  });
}

/** Sets a new password and ends every other session. Of two changes at once one wins; the other gets conflict. */
export async function changePassword(
  ctx: RequestContext,
  actor: Actor,
  { current_password, new_password }: { current_password: string; new_password: string },
): Promise<void> {
  const { password_version } = await requirePassword(ctx, actor, current_password);
  requireGoodPassword(ctx.config, new_password, { field: 'new_password', email: actor.user.email });
  if (new_password === current_password) throw new AppError('password_unchanged', { field: 'new_password' });
  const password_hash = await hashNew(ctx, new_password, { field: 'new_password' });
  await inTransaction(ctx, async (ctx) => {
    const changed = await ctx.db
      .update(users)
      .set({ password_hash, password_version: sql`${users.password_version} + 1` })
      .where(and(eq(users.id, actor.user.id), eq(users.password_version, password_version)))
      .returning({ id: users.id });
    if (changed.length === 0) throw new AppError('conflict');
    await audit.record(ctx, { event: 'password.changed', subject_id: actor.user.id });
    await sessions.endAll(ctx, { user_id: actor.user.id, keep: actor.session_id });
  });
}

/**
 * Deletes the account with all that it owns. Throws last_admin where nobody could administer afterwards, conflict where
 * the password was changed or the account deleted since the proof.
 */
export async function close(ctx: RequestContext, actor: Actor, { password }: { password: string }): Promise<void> {
  const { password_version } = await requirePassword(ctx, actor, password);
  await inTransaction(ctx, async (ctx) => {
    await keepAnAdmin(ctx, actor.user.id);
    const { rowCount } = await ctx.db
      .delete(users)
      .where(and(eq(users.id, actor.user.id), eq(users.password_version, password_version)));
    if (!rowCount) throw new AppError('conflict');
    await audit.record(ctx, { event: 'user.deleted', subject_id: actor.user.id });
  });
}

async function openAccount(
  ctx: RequestContext,
  { email: text, password, name = null }: Registration,
): Promise<sessions.TokenPair> {
  const email = requireEmail(text);
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  await limits.countRegistration(ctx);
  const password_hash = await hashNew(ctx, password, { field: 'password' });
  return inTransaction(ctx, async (ctx) => {
    const [user] = await ctx.db.insert(users).values({ email, name, password_hash }).returning();
    await limits.forget(ctx, email);
    if (user) await audit.record(ctx, { event: 'user.registered', subject_id: user.id, actor_id: user.id });
    return requireSession(user && (await sessions.start(ctx, user)));
  });
}

async function startByPassword(
  ctx: RequestContext,
  { email, password }: { email: string; password: string },
): Promise<sessions.TokenPair> {
  let found: typeof users.$inferSelect | undefined;
  const user = await limits.provePassword(ctx, email, async () => {
    found = await findByEmail(ctx, email);
    return (await ctx.hasher.verify(password, found?.password_hash)) ? found : undefined;
  });
  if (user === undefined) throw await loginFailed(ctx, found, 'invalid_credentials');
  if (!user.is_active) throw await loginFailed(ctx, user, 'account_disabled');
  if (ctx.hasher.needsRehash(user.password_hash, password)) await rehash(ctx, user, password);
  const pair = await sessions.start(ctx, user);
  if (pair === undefined) throw await loginFailed(ctx, user, 'invalid_credentials');
  return pair;
}

async function findByEmail(ctx: RequestContext, text: string): Promise<typeof users.$inferSelect | undefined> {
  const email = canonicalEmail(text);
  // No address at all is looked up as one that nobody can have, so that it takes as long.
  const [user] = await ctx.db
    .select()
    .from(users)
    .where(eq(users.email, email ?? ''));
  return user;
}

async function requirePassword(
  ctx: RequestContext,
  actor: Actor,
  password: string,
): Promise<{ password_version: number }> {
  const { password_hash, password_version } = users;
  const proved = await limits.provePassword(ctx, actor.user.email, async () => {
    const [row] = await ctx.db
      .select({ password_hash, password_version })
      .from(users)
      .where(eq(users.id, actor.user.id));
    return (await ctx.hasher.verify(password, row?.password_hash)) ? row : undefined;
  });
  if (proved !== undefined) return proved;
  await audit.record(ctx, { event: 'reauthentication.failed', subject_id: actor.user.id });
  throw new AppError('invalid_credentials', { detail: 'Incorrect password' });
}

/** Stores the proved password under the present cost; the condition spares a password that was changed meanwhile. */
async function rehash(
  ctx: RequestContext,
  user: { id: string; password_hash: string },
  password: string,
): Promise<void> {
  const password_hash = await ctx.hasher.hash(password);
  await ctx.db
    .update(users)
    .set({ password_hash, updated_at: sql`${users.updated_at}` })
    .where(and(eq(users.id, user.id), eq(users.password_hash, user.password_hash)));
}

/** The refusal of a login, written down first. The row is the same work for an unknown address as for a wrong password. */
async function loginFailed(
  ctx: RequestContext,
  user: { id: string } | undefined,
  reason: 'invalid_credentials' | 'account_disabled',
): Promise<AppError> {
  await audit.record(ctx, { event: 'login.failed', subject_id: user?.id ?? null, details: { reason } });
  return new AppError(reason);
}

function requireSession(pair: sessions.TokenPair | undefined): sessions.TokenPair {
  if (pair === undefined) throw new AppError('invalid_credentials');
  return pair;
}
