import { and, eq, ne, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inOrder, inTransaction } from '../../database.ts';
import { factors } from '../../models/auth/factors.ts';
import { users } from '../../models/auth/users.ts';
import { product } from '../../product.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { lockAccount } from './account-row.ts';
import { codeOfStep, fromBase32, newSecret, otpauthUri, stepsAt } from './factors/totp.ts';
import * as limits from './limits.ts';
import * as recoveryCodes from './recovery-codes.ts';
import { seal, unseal } from './sealing.ts';

type Factor = typeof factors.$inferSelect;
export type FactorView = Pick<Factor, keyof typeof viewColumns>;

/** An authenticator app that is not active yet, with its secret, which is shown this once. */
export interface EnrolledFactor {
  id: string;
  secret: string;
  otpauth_uri: string;
  qr_svg: string;
}

/** Active ones of an account. */
const MAX_FACTORS = 10;
const DEFAULT_NAME = 'Authenticator app';
const { id, type, name, is_active, created_at, last_used_at } = factors;
const viewColumns = { id, type, name, is_active, created_at, last_used_at };

/** The caller's authenticator apps, the oldest first, and how many recovery codes are unused. */
export async function list(ctx: RequestContext, { user }: Actor): ReturnType<typeof listOf> {
  return listOf(ctx, user.id);
}

/** The same for the account with this id. */
export async function listOf(
  ctx: RequestContext,
  user_id: string,
): Promise<{ items: FactorView[]; recovery_codes_left: number }> {
  const [items, recovery_codes_left] = await Promise.all([
    ctx.db.select(viewColumns).from(factors).where(eq(factors.user_id, user_id)).orderBy(factors.id),
    recoveryCodes.countLeft(ctx, user_id),
  ]);
  return { items, recovery_codes_left };
}

/**
 * Makes the secret of an authenticator app. The factor protects nothing until `activate` proves its first code, and takes the
 * place of one that was never activated. Throws email_unverified, factor_limit.
 */
export async function enrol(
  ctx: RequestContext,
  { user }: Actor,
  { name: label = DEFAULT_NAME }: { type: 'totp'; name?: string },
): Promise<EnrolledFactor> {
  if (!user.email_verified) throw new AppError('email_unverified');
  const owner = { id: newId(), user_id: user.id };
  const secret = newSecret();
  const { one_time, sealing } = ctx.keyring.signingAt(ctx.clock.now());
  const row = { ...owner, name: label, key_id: one_time.id, sealed_secret: seal(sealing, secret, owner) };
  await inTransaction(ctx, async (ctx) => {
    // Sent at once, and carried out in this order.
    const [, , , , active] = await inOrder([
      lockAccount(ctx, user.id),
      ctx.db
        .delete(factors)
        .where(and(eq(factors.user_id, user.id), eq(factors.is_active, false)))
        .execute(),
      ctx.db
        .insert(factors)
        .values({ ...row, type: 'totp' })
        .execute(),
      audit.record(ctx, { event: 'factor.enrolled', subject_id: user.id, details: { factor_id: owner.id } }),
      ctx.db
        .select({ id: factors.id })
        .from(factors)
        .where(and(eq(factors.user_id, user.id), eq(factors.is_active, true)))
        .execute(),
    ]);
    if (active.length >= MAX_FACTORS) throw new AppError('factor_limit');
  });
  const otpauth_uri = otpauthUri({ issuer: product.name, account: user.email, secret });
  const { renderSVG } = await import('uqr');
  return { id: owner.id, secret, otpauth_uri, qr_svg: renderSVG(otpauth_uri, { border: 2 }) };
}

/**
 * Activates an authenticator app by its first code: from now on every way in asks for a code. The account's first one comes
 * with recovery codes. `onActive` runs in the transaction. Throws factor_not_found, invalid_credentials, rate_limited.
 */
export async function activate<T>(
  ctx: RequestContext,
  { user }: Actor,
  { id, code }: { id: string; code: string },
  onActive: (ctx: RequestContext) => Promise<T>,
): Promise<{ recovery_codes: string[]; outcome: T }> {
  const isEnrolled = and(eq(factors.user_id, user.id), eq(factors.id, id), eq(factors.is_active, false));
  const [factor] = await ctx.db.select().from(factors).where(isEnrolled);
  if (factor === undefined) throw new AppError('factor_not_found');
  const step = await limits.proveFactor(ctx, user.id, async () => stepOf(ctx, factor, code));
  if (step === undefined) return refuse(ctx, user.id);
  return inTransaction(ctx, async (ctx) => {
    const before = await lockAccount(ctx, user.id);
    const active = await ctx.db
      .update(factors)
      .set({ is_active: true, last_step: step, last_used_at: sql`now()` })
      .where(isEnrolled)
      .returning({ id: factors.id });
    if (active.length === 0) throw new AppError('factor_not_found');
    const details = { factor_id: id, type: factor.type };
    await inOrder([
      ctx.db.update(users).set({ has_factor: true }).where(eq(users.id, user.id)).execute(),
      audit.record(ctx, { event: 'factor.added', subject_id: user.id, details }),
      notify(ctx, 'factor.added', user, { subject: factor.name }),
    ]);
    const recovery_codes = before.has_factor ? [] : await recoveryCodes.replace(ctx, user.id);
    return { recovery_codes, outcome: await onActive(ctx) };
  });
}

/** Removes one of the caller's authenticator apps; recovery codes go with the last one, unless there is a passkey. Throws factor_not_found. */
export async function remove(ctx: RequestContext, { user }: Actor, { id }: { id: string }): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    await lockAccount(ctx, user.id);
    const [removed] = await ctx.db
      .delete(factors)
      .where(and(eq(factors.user_id, user.id), eq(factors.id, id)))
      .returning({ name: factors.name, is_active: factors.is_active });
    if (removed === undefined) throw new AppError('factor_not_found');
    await closeGateWithoutFactor(ctx, user.id);
    await audit.record(ctx, { event: 'factor.removed', subject_id: user.id, details: { factor_id: id } });
    if (removed.is_active) await notify(ctx, 'factor.removed', user, { subject: removed.name });
  });
}

/** Removes an account's apps, in the transaction of what asks for it: those added since a time, or all. See protection.ts. */
export async function removeAll(ctx: RequestContext, user_id: string, since?: Date): Promise<number> {
  const isRecent = since === undefined ? undefined : sql`${factors.created_at} >= ${since.toISOString()}::timestamptz`;
  const [{ rowCount }] = await inOrder([
    ctx.db
      .delete(factors)
      .where(and(eq(factors.user_id, user_id), isRecent))
      .execute(),
    closeGateWithoutFactor(ctx, user_id),
  ]);
  return rowCount ?? 0;
}

/**
 * True if a code is that of one of the account's active apps; its step is spent, so that it counts once. Call it in the
 * transaction of what it allows.
 */
export async function spendCode(ctx: RequestContext, user_id: string, code: string): Promise<boolean> {
  const isActive = and(eq(factors.user_id, user_id), eq(factors.is_active, true));
  const rows = await ctx.db.select().from(factors).where(isActive).orderBy(factors.id);
  const matches = rows.flatMap((row) => {
    const step = stepOf(ctx, row, code);
    return step === undefined ? [] : [{ row, step }];
  });
  for (const { row, step } of matches) {
    const spent = await ctx.db
      .update(factors)
      .set({ last_step: step, last_used_at: sql`now()`, ...sealedAnew(ctx, row) })
      .where(and(eq(factors.id, row.id), sql`coalesce(${factors.last_step}, -1) < ${step}::bigint`))
      .returning({ id: factors.id });
    if (spent.length > 0) return true;
  }
  return false;
}

/** Encrypts by the present key what another one encrypted, so that a retired key may go. Returns how many are left without their key. */
export async function reseal(ctx: AppContext): Promise<{ resealed: number; lost: number }> {
  const { id: key_id } = ctx.keyring.signingAt(ctx.clock.now()).one_time;
  const rows = await ctx.db.select().from(factors).where(ne(factors.key_id, key_id));
  let resealed = 0;
  for (const row of rows) {
    const anew = sealedAnew(ctx, row);
    if (anew === undefined) continue;
    const { rowCount } = await ctx.db
      .update(factors)
      .set(anew)
      .where(and(eq(factors.id, row.id), eq(factors.sealed_secret, row.sealed_secret)));
    resealed += rowCount ?? 0;
  }
  return { resealed, lost: rows.length - resealed };
}

/** Records a wrong answer of a second factor, and refuses it. */
export async function refuse(ctx: RequestContext, user_id: string, detail = 'Incorrect code'): Promise<never> {
  await audit.record(ctx, { event: 'mfa.failed', subject_id: user_id, actor_id: user_id });
  throw new AppError('invalid_credentials', { detail });
}

/** The step that a code belongs to; `undefined` if it is wrong, or of a step that was spent. */
function stepOf({ clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>, factor: Factor, code: string) {
  const key = keyring.findSealingKey(factor.key_id);
  if (key === undefined) return undefined;
  const secret = fromBase32(unseal(key, factor.sealed_secret, factor));
  const digits = code.replace(/\s/g, '');
  return stepsAt(clock.now()).find((step) => codeOfStep(secret, step) === digits && step > (factor.last_step ?? -1));
}

/** The secret under the present key; `undefined` if that is its key already, or the former key is gone. */
function sealedAnew({ clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>, factor: Factor) {
  const { one_time, sealing } = keyring.signingAt(clock.now());
  const former = factor.key_id === one_time.id ? undefined : keyring.findSealingKey(factor.key_id);
  if (former === undefined) return undefined;
  const secret = unseal(former, factor.sealed_secret, factor);
  return { key_id: one_time.id, sealed_secret: seal(sealing, secret, factor) };
}

async function closeGateWithoutFactor(ctx: RequestContext, user_id: string): Promise<void> {
  const isLeft = sql<boolean>`exists (select from ${factors} where ${factors.user_id} = ${users.id} and ${factors.is_active})`;
  await inOrder([
    ctx.db.update(users).set({ has_factor: isLeft }).where(eq(users.id, user_id)).execute(),
    recoveryCodes.dropIfNeedless(ctx, user_id),
  ]);
}
