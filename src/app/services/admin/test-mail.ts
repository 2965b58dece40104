import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import * as limits from '../auth/limits.ts';
import * as audit from '../system/audit.ts';
import { queueMail } from '../system/mail-queue.ts';

/** Queues a test mail to the administrator's own address, one a minute, as any mail is queued; recorded. Throws rate_limited. */
export async function send(ctx: RequestContext, { user }: Actor): Promise<void> {
  await limits.countMailbox(ctx, 'test', user.email);
  await inTransaction(ctx, async (ctx) => {
    await queueMail(ctx, 'test', user, { counted_as: 'test' });
    await audit.record(ctx, { event: 'mail.tested', subject_id: null });
  });
}
