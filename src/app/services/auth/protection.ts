import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inOrder } from '../../database.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import * as factors from './factors.ts';

/**
 * Removes an account's passkeys, factors and recovery codes, in the transaction of what asks for it: those added since a
 * time, or all. Gives the number of passkeys and factors. All statements are sent at once.
 */
export async function removeAll(ctx: RequestContext, user_id: string, since?: Date): Promise<number> {
  const isRecent = since && sql`${passkeys.created_at} >= ${since.toISOString()}::timestamptz`;
  const [{ rowCount }, removed] = await inOrder([
    ctx.db
      .delete(passkeys)
      .where(and(eq(passkeys.user_id, user_id), isRecent))
      .execute(),
    // After the passkeys: recovery codes stay as long as there is one.
    factors.removeAll(ctx, user_id, since),
  ]);
  return (rowCount ?? 0) + removed;
}
