import { eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { users } from '../../models/auth/users.ts';
import { clientShare } from '../../utils/client-networks.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import { requireFresh } from './session-proof.ts';
import * as sessions from './sessions.ts';

export interface PasswordProof {
  password_version: number;
  /** The release of the proof's permit: await it before the answer. */
  released: Promise<unknown>;
}

/** What the proof of a password is good for. */
type Next<T> = (proof: Pick<PasswordProof, 'password_version'>) => Promise<T>;

/** The proof of the caller's password inside a session. Throws invalid_credentials, rate_limited; the session ends after too many failures. */
export async function requirePassword(ctx: RequestContext, actor: Actor, password: string): Promise<PasswordProof> {
  const { value, released } = await withPassword(ctx, actor, { password, next: async (proof) => proof });
  return { ...value, released };
}

/** The password, or a session that was proved in the last five minutes. Throws as requirePassword does, reauthentication_required. */
export async function requireOwner(
  ctx: RequestContext,
  actor: Actor,
  password: string | undefined,
): Promise<PasswordProof> {
  if (password !== undefined) return requirePassword(ctx, actor, password);
  await requireFresh(ctx, actor);
  const { password_version } = users;
  const [row] = await ctx.db.select({ password_version }).from(users).where(eq(users.id, actor.user.id));
  if (row === undefined) throw new AppError('session_ended');
  return { ...row, released: Promise.resolve() };
}

/**
 * The same, but that an account with a password must give it. Throws validation_failed if it is missing.
 */
export async function requireProof(
  ctx: RequestContext,
  actor: Actor,
  { field, password }: { field: string; password: string | undefined },
): Promise<PasswordProof> {
  requireGiven(actor, { field, password });
  return requireOwner(ctx, actor, password);
}

/**
 * The same, and `next` before the permit of the proof is released: the release travels with what the caller sends then. If
 * `next` throws, the proof counts neither for the session nor against it.
 */
export async function withProof<T extends object>(
  ctx: RequestContext,
  actor: Actor,
  { field, password, next }: { field: string; password: string | undefined; next: Next<T> },
): Promise<{ value: T; released: Promise<unknown> }> {
  requireGiven(actor, { field, password });
  if (password !== undefined) return withPassword(ctx, actor, { password, next });
  const { released, ...proof } = await requireOwner(ctx, actor, password);
  return { value: await next(proof), released };
}

async function withPassword<T extends object>(
  ctx: RequestContext,
  actor: Actor,
  { password, next }: { password: string; next: Next<T> },
): Promise<{ value: T; released: Promise<unknown> }> {
  const { password_hash, password_version } = users;
  // Beside the limit's own statement.
  const found = ctx.db
    .select({ password_hash, password_version })
    .from(users)
    .where(eq(users.id, actor.user.id))
    .execute();
  found.catch(() => {});
  let refusal: Promise<never> | undefined;
  const prove = async (): Promise<T | undefined> => {
    const [row] = await found;
    const isRight = await ctx.hasher.verify(password, row?.password_hash, clientShare(ctx.client.ip));
    if (isRight && row !== undefined) return next({ password_version: row.password_version });
    // Travels with the release of the permit.
    refusal = refuse(ctx, actor);
    refusal.catch(() => {});
    return undefined;
  };
  const endSession = (): Promise<void> => sessions.endCurrent(ctx, actor);
  const { proved, released } = await limits.proveInSession(ctx, actor, { prove, endSession });
  if (proved === undefined) return refusal ?? refuse(ctx, actor);
  return { value: proved, released };
}

function requireGiven({ user }: Actor, { field, password }: { field: string; password: string | undefined }): void {
  if (password === undefined && user.has_password)
    throw new AppError('validation_failed', { field, rule: { msg: 'Field required', type: 'missing' } });
}

async function refuse(ctx: RequestContext, actor: Actor): Promise<never> {
  await audit.record(ctx, { event: 'reauthentication.failed', subject_id: actor.user.id });
  throw new AppError('invalid_credentials', { detail: 'Incorrect password' });
}
