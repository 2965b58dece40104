import type { RequestContext } from '../../context.ts';
import { inOrder, inTransaction } from '../../database.ts';
import * as factors from '../auth/factors.ts';
import * as protection from '../auth/protection.ts';
import * as sessions from '../auth/sessions.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import * as users from './users.ts';

/** Any user's second factors, and how many recovery codes are left; throws user_not_found. */
export async function list(ctx: RequestContext, id: string): ReturnType<typeof factors.listOf> {
  const [, found] = await inOrder([users.get(ctx, id), factors.listOf(ctx, id)]);
  return found;
}

/**
 * Removes any user's second factors, passkeys and recovery codes, for one who has lost them. Their sessions end, and they are told by
 * mail. Throws user_not_found.
 */
export async function remove(ctx: RequestContext, { id, reason }: { id: string; reason: string }): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const user = await users.get(ctx, id);
    const removed = await protection.removeAll(ctx, id);
    await sessions.endAll(ctx, { user_id: id });
    await audit.record(ctx, { event: 'factor.removed', subject_id: id, details: { reason, removed } });
    await notify(ctx, 'factor.removed', user);
  });
}
