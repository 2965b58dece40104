import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { AppError } from '../../utils/errors.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { lockAccount } from './account-row.ts';
import { requireLoginMethod } from './login-methods.ts';
import * as recoveryCodes from './recovery-codes.ts';

/** A passkey as its owner sees it. */
export type PasskeyView = Pick<typeof passkeys.$inferSelect, keyof typeof viewColumns>;

const { id, name, created_at, last_used_at, backed_up } = passkeys;
export const viewColumns = { id, name, created_at, last_used_at, backed_up };

/** An account's passkeys, newest first. */
export async function list(
  ctx: RequestContext,
  { user }: { user: Pick<Actor['user'], 'id'> },
  request: PageRequest,
): Promise<Page<PasskeyView>> {
  const where = eq(passkeys.user_id, user.id);
  return paginate(ctx.db.select(viewColumns).from(passkeys), request, { where, order: newestFirst(passkeys.id) });
}

/** Names one of the caller's passkeys. Throws passkey_not_found. */
export async function update(
  ctx: RequestContext,
  { user }: Actor,
  { id, name }: { id: string; name: string },
): Promise<PasskeyView> {
  const [passkey] = await ctx.db
    .update(passkeys)
    .set({ name })
    .where(and(eq(passkeys.user_id, user.id), eq(passkeys.id, id)))
    .returning(viewColumns);
  if (passkey === undefined) throw new AppError('passkey_not_found');
  return passkey;
}

/** Removes one of the caller's passkeys. Throws passkey_not_found, and last_login_method if nothing else opens the account. */
export async function remove(ctx: RequestContext, { user }: Actor, { id }: { id: string }): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    await lockAccount(ctx, user.id);
    const [removed] = await ctx.db
      .delete(passkeys)
      .where(and(eq(passkeys.user_id, user.id), eq(passkeys.id, id)))
      .returning({ name: passkeys.name });
    if (removed === undefined) throw new AppError('passkey_not_found');
    await requireLoginMethod(ctx, user.id);
    await recoveryCodes.dropIfNeedless(ctx, user.id);
    await audit.record(ctx, { event: 'passkey.removed', subject_id: user.id, details: { passkey_id: id } });
    await notify(ctx, 'passkey.removed', user, { subject: removed.name });
  });
}
