import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { oneTimeTokens } from '../../models/auth/one-time-tokens.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { queueMail } from '../system/mail-queue.ts';
import { isHeld } from './held-addresses.ts';

/**
 * Mails the way back again to an address that an account has left and still holds: its owner may never have had that account,
 * and would get no answer otherwise. With a key it happens once for this key.
 */
export async function mailWayBack(
  ctx: RequestContext,
  email: EmailAddress,
  once: { dedupeKey: string },
): Promise<void> {
  const [held] = await ctx.db
    .select({ token_id: oneTimeTokens.id, id: users.id, locale: users.locale, new_email: users.email })
    .from(oneTimeTokens)
    .innerJoin(users, eq(users.id, oneTimeTokens.user_id))
    .where(and(eq(oneTimeTokens.email, email), isHeld, isOpen))
    .limit(1);
  if (held === undefined) return;
  const { token_id, id, locale, new_email } = held;
  await queueMail(
    ctx,
    'email_change_notice',
    { id, email, locale },
    { token_id, secures_user_id: id, new_email },
    once,
  );
}
