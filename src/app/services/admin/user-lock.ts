import type { RequestContext } from '../../context.ts';
import { inOrder } from '../../database.ts';
import * as limits from '../auth/limits.ts';
import * as users from './users.ts';

/** The state of an account after failed logins on devices that it does not know. */
export interface UserLock {
  is_locked: boolean;
  failures_in_a_row: number;
  last_failed_at: string | null;
}

/** The lock of any user; throws user_not_found. */
export async function get(ctx: RequestContext, user_id: string): Promise<UserLock> {
  const [, lock] = await inOrder([users.get(ctx, user_id), limits.readLock(ctx, user_id)]);
  const { isLocked, inARow, lastFailedAt } = lock;
  return { is_locked: isLocked, failures_in_a_row: inARow, last_failed_at: lastFailedAt?.toISOString() ?? null };
}

/** Lifts the lock of any user and ends the waits after failed logins; throws user_not_found. */
export async function lift(ctx: RequestContext, user_id: string): Promise<void> {
  await limits.unlock(ctx, await users.get(ctx, user_id));
}
