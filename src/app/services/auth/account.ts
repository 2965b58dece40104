import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { changedFields } from '../../utils/changes.ts';
import { AppError } from '../../utils/errors.ts';
import type { Locale } from '../../utils/locales.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import * as closing from './closing.ts';
import * as limits from './limits.ts';
import * as oneTimeTokens from './one-time-tokens.ts';
import { ENDED_BY_PASSWORD } from './one-time-tokens.ts';
import { requirePassword, requireProof, withProof } from './password-proof.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as sessions from './sessions.ts';

/** The caller's account, with its own role whatever the session reaches. */
export function get({ user, withheld_role }: Actor): User {
  return withheld_role === undefined ? user : { ...user, role: withheld_role };
}

/** Changes the caller's own name and language; what is stored already is neither written nor recorded. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  given: { name?: string | null; locale?: Locale | null },
): Promise<User> {
  const changes = changedFields<typeof given>(actor.user, given);
  if (changes === undefined) return get(actor);
  const { id } = actor.user;
  const change = ctx.db.update(users).set(changes).where(eq(users.id, id)).returning(publicUserColumns);
  const entry = { event: 'user.updated', subject_id: id, details: { fields: Object.keys(changes) } } as const;
  const [user] = await audit.recordChange(ctx, change, entry);
  if (user === undefined) throw new AppError('session_ended');
  return user;
}

/** Sets a new password and ends every other session. Of two changes at once one wins; the other gets conflict. */
export async function changePassword(
  ctx: RequestContext,
  actor: Actor,
  { current_password, new_password }: { current_password?: string; new_password: string },
): Promise<void> {
  // Beside the proof's own statements.
  const waits = limits.findWaits(ctx, actor.user.email);
  waits.catch(() => {});
  const { value, released } = await withProof(ctx, actor, {
    field: 'current_password',
    password: current_password,
    next: async ({ password_version }) => {
      requireGoodPassword(ctx.config, new_password, { field: 'new_password', email: actor.user.email });
      if (new_password === current_password) throw new AppError('password_unchanged', { field: 'new_password' });
      return { password_version, password_hash: await hashNew(ctx, new_password, { field: 'new_password' }) };
    },
  });
  const changing = inTransaction(ctx, async (ctx) => {
    const change = ctx.db
      .update(users)
      .set({ password_hash: value.password_hash, password_version: sql`${users.password_version} + 1` })
      .where(and(eq(users.id, actor.user.id), eq(users.password_version, value.password_version)))
      .returning({ id: users.id });
    const [changed] = await inOrder([
      audit.recordChange(ctx, change, { event: 'password.changed', subject_id: actor.user.id }),
      sessions.endAll(ctx, { user_id: actor.user.id, keep: actor.session_id }),
      limits.forget(ctx, actor.user.email),
      oneTimeTokens.revoke(ctx, actor.user.id, ENDED_BY_PASSWORD),
      notify(ctx, 'password.changed', actor.user),
    ]);
    if (changed.length === 0) throw new AppError('conflict');
  });
  // At the same moment: who proved the password may end the waits in any case.
  await Promise.all([changing, waits.then((keys) => limits.endWaits(ctx, keys)), released]);
}

/** Lifts the lock of the caller's account and ends its waits. */
export async function unlock(ctx: RequestContext, actor: Actor, { password }: { password: string }): Promise<void> {
  const { released } = await requirePassword(ctx, actor, password);
  await Promise.all([released, limits.unlock(ctx, actor.user)]);
}

/**
 * Deletes the account with all that it owns. Throws last_admin if no administrator would remain, conflict if the
 * password was changed or the account deleted since the proof.
 */
export async function close(ctx: RequestContext, actor: Actor, { password }: { password?: string }): Promise<void> {
  const { password_version, released } = await requireProof(ctx, actor, { field: 'password', password });
  await released;
  const isProved = eq(users.password_version, password_version);
  if (!(await closing.close(ctx, { id: actor.user.id, where: isProved }))) throw new AppError('conflict');
}
