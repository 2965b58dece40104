import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { identities } from '../../models/auth/identities.ts';
import { isOpen, NO_PASSWORD, users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { requireOtherAdmin } from './authorization.ts';
import { countOwned, requireNotHeld } from './closing/owned-rows.ts';
import { NEXT_EPOCH } from './sessions.ts';

/** An account that owns more rows is closed at once and emptied in the background. */
const REMOVED_AT_ONCE = 1000;

/**
 * Ends an account at once: no login, no session and no token works, and its address is free. What it owns goes with it, or
 * in batches in the background if it is much. False if there is no such account, or not as `where` says. Throws last_admin.
 */
export async function close(ctx: RequestContext, { id, where }: { id: string; where?: SQL }): Promise<boolean> {
  const condition = and(eq(users.id, id), isOpen, where);
  const closed = await inTransaction(ctx, async (ctx) => {
    // Sent at once; the row is locked before the count.
    const { email, locale } = users;
    const [, owned, [user]] = await inOrder([
      requireOtherAdmin(ctx, id),
      countOwned(ctx, id, REMOVED_AT_ONCE),
      ctx.db.select({ id: users.id, email, locale }).from(users).where(condition),
    ]);
    // The row is locked, so a change that comes now meets it.
    if (user === undefined) return { isLarge: false, isDone: false };
    const isLarge = owned > REMOVED_AT_ONCE;
    if (isLarge) {
      await requireNotHeld(ctx, id);
      // At once, so that the person can sign in with the provider again, to another account.
      await ctx.db.delete(identities).where(eq(identities.user_id, id));
    }
    const idOnly = { id: users.id };
    const rows = isLarge
      ? ctx.db.update(users).set(tombstone()).where(condition).returning(idOnly)
      : ctx.db.delete(users).where(condition).returning(idOnly);
    await inOrder([
      audit.recordChange(ctx, rows, { event: 'user.deleted', subject_id: id }),
      notify(ctx, 'user.deleted', user),
    ]);
    return { isLarge, isDone: true };
  });
  if (closed.isLarge) ctx.removal.wake();
  return closed.isDone;
}

/** Nothing of the person stays in the row that holds the rest together. */
function tombstone() {
  return {
    // Not the user's own id: an address that is known beforehand could be registered already.
    email: `${newId()}@closed.invalid` as EmailAddress,
    name: null,
    password_hash: NO_PASSWORD,
    password_version: sql`${users.password_version} + 1`,
    role: 'user',
    is_active: false,
    removing: 'account',
    ...NEXT_EPOCH,
  } as const;
}
