import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';

/**
 * Locks the row of the caller's account until the end of the transaction: changes of its factors and passkeys come one after
 * the other, and no session starts meanwhile. Throws session_ended.
 */
export async function lockAccount(
  { db }: Pick<RequestContext, 'db'>,
  user_id: string,
): Promise<{ has_factor: boolean }> {
  const [row] = await db
    .select({ has_factor: users.has_factor })
    .from(users)
    .where(and(eq(users.id, user_id), isOpen))
    .for('update')
    // Sent by the call itself, so that it is the first one of statements that are sent together.
    .execute();
  if (row === undefined) throw new AppError('session_ended');
  return row;
}
