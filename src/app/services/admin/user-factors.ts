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
    // Sent at once; the row is locked, so that what is being added now is removed too.
    const [user, removed] = await inOrder([
      users.lock(ctx, id),
      protection.removeAll(ctx, id),
      sessions.endAll(ctx, { user_id: id }),
    ]);
    await inOrder([
      audit.record(ctx, { event: 'factor.removed', subject_id: id, details: { reason, removed } }),
      notify(ctx, 'factor.removed', user),
    ]);
  });
}
