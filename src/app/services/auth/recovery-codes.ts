import { and, eq, not, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { recoveryCodes } from '../../models/auth/recovery-codes.ts';
import { users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { lockAccount } from './account-row.ts';
import { codesOf, countUnused, indexOfCode } from './recovery-set.ts';

/** New recovery codes for the caller; the former ones are void. Throws factor_not_found for an account without a factor and without a passkey. */
export async function renew(ctx: RequestContext, { user }: Actor): Promise<string[]> {
  return inTransaction(ctx, async (ctx) => {
    const { has_factor } = await lockAccount(ctx, user.id);
    if (!has_factor && !(await hasPasskey(ctx, user.id))) throw new AppError('factor_not_found');
    return replace(ctx, user.id);
  });
}

/** Writes another set down, in the transaction of what asks for it, and returns its codes. Only their use is stored. */
export async function replace(ctx: RequestContext, user_id: string): Promise<string[]> {
  const { id: key_id, secret } = ctx.keyring.signingAt(ctx.clock.now()).one_time;
  const set = { user_id, set_id: newId(), key_id };
  const fresh = { set_id: set.set_id, key_id, used: 0, created_at: sql`now()` };
  await ctx.db.insert(recoveryCodes).values(set).onConflictDoUpdate({ target: recoveryCodes.user_id, set: fresh });
  await audit.record(ctx, { event: 'recovery_codes.created', subject_id: user_id, actor_id: user_id });
  return codesOf(secret, set);
}

/** Uses a code up, in the transaction of what it allows. False if it is none of the account's, or was used before. */
export async function spend(ctx: Pick<AppContext, 'db' | 'keyring'>, user_id: string, code: string): Promise<boolean> {
  const [set] = await ctx.db.select().from(recoveryCodes).where(eq(recoveryCodes.user_id, user_id));
  const key = set && ctx.keyring.findOneTimeKey(set.key_id);
  const index = set && key ? indexOfCode(codesOf(key, set), code) : -1;
  if (set === undefined || index < 0) return false;
  const bit = 1 << index;
  const spent = await ctx.db
    .update(recoveryCodes)
    .set({ used: sql`${recoveryCodes.used} | ${bit}::integer` })
    .where(
      and(
        eq(recoveryCodes.user_id, user_id),
        eq(recoveryCodes.set_id, set.set_id),
        sql`${recoveryCodes.used} & ${bit}::integer = 0`,
      ),
    )
    .returning({ user_id: recoveryCodes.user_id });
  return spent.length > 0;
}

/** How many codes of an account are unused. */
export async function countLeft({ db }: Pick<AppContext, 'db'>, user_id: string): Promise<number> {
  const [set] = await db
    .select({ used: recoveryCodes.used })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.user_id, user_id));
  return countUnused(set);
}

/** Makes the codes of an account void that has neither a factor nor a passkey any more. */
export async function dropIfNeedless({ db }: Pick<AppContext, 'db'>, user_id: string): Promise<void> {
  const { user_id: owner_id } = recoveryCodes;
  const isNeeded = sql`exists (select from ${passkeys} where ${passkeys.user_id} = ${owner_id})
    or exists (select from ${users} where ${users.id} = ${owner_id} and ${users.has_factor})`;
  await db
    .delete(recoveryCodes)
    .where(and(eq(owner_id, user_id), not(isNeeded)))
    .execute();
}

async function hasPasskey({ db }: Pick<AppContext, 'db'>, user_id: string): Promise<boolean> {
  const rows = await db.select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.user_id, user_id)).limit(1);
  return rows.length > 0;
}
