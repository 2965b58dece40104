import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import * as factors from './factors.ts';

/**
 * Removes an account's passkeys, factors and recovery codes, in the transaction of what asks for it: those added since a
 * time, or all. Gives the number of passkeys and factors.
 */
export async function removeAll(ctx: RequestContext, user_id: string, since?: Date): Promise<number> {
  const isRecent = since && sql`${passkeys.created_at} >= ${since.toISOString()}::timestamptz`;
  const { rowCount } = await ctx.db.delete(passkeys).where(and(eq(passkeys.user_id, user_id), isRecent));
  // After the passkeys: recovery codes stay as long as there is one.
  return (rowCount ?? 0) + (await factors.removeAll(ctx, user_id, since));
}
