import { and, eq } from 'drizzle-orm';
import type { AppContext } from '../context.ts';
import { users } from '../models/users.ts';
import { AppError } from '../utils/errors.ts';

/**
 * Throws last_admin unless somebody else administers. Every administrator's row is locked in the order of its id, so that
 * two who leave at once cannot both see the other; call it inside the transaction that removes one.
 */
export async function requireAnotherAdmin(ctx: Pick<AppContext, 'db'>, user_id: string): Promise<void> {
  const admins = await ctx.db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.is_active, true)))
    .orderBy(users.id)
    .for('update');
  if (!admins.some(({ id }) => id !== user_id)) throw new AppError('last_admin');
}
