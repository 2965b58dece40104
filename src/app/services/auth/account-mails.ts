import type { RequestContext } from '../../context.ts';
import { inOrder } from '../../database.ts';
import { newId } from '../../utils/ids.ts';
import { type Addressee, queueMail } from '../system/mail-queue.ts';
import { issue } from './one-time-tokens.ts';

/** A mail with a link, and a code beside it, that proves the mailbox. */
export type ProofKind = 'reset_password' | 'verify_email' | 'login_code';

/**
 * Has a proof of the mailbox mailed, in the transaction of `ctx`. With a key it happens once for this key: false if it did
 * before, and then the transaction must end. Both statements are sent at once.
 */
export async function mailProof(
  ctx: RequestContext,
  kind: ProofKind,
  { user, dedupeKey, counted_as }: { user: Addressee; dedupeKey?: string; counted_as?: string },
): Promise<boolean> {
  const id = newId();
  const { minutes_reset_link, hours_verify_link, minutes_code } = ctx.config;
  const lifeMinutes = {
    reset_password: minutes_reset_link,
    verify_email: hours_verify_link * 60,
    login_code: minutes_code,
  };
  const token = {
    ...{ id, user_id: user.id, email: user.email },
    purpose: kind,
    lifeSeconds: lifeMinutes[kind] * 60,
    codeLifeSeconds: minutes_code * 60,
  };
  const once = dedupeKey === undefined ? {} : { dedupeKey };
  const more = { token_id: id, ...(counted_as !== undefined && { counted_as }) };
  const [, isFirst] = await inOrder([issue(ctx, token), queueMail(ctx, kind, user, more, once)]);
  return isFirst;
}
