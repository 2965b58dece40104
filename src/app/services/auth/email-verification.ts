import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { clientShare } from '../../utils/client-networks.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { dropWhatWasSet } from './first-proof.ts';
import * as limits from './limits.ts';
import * as mailRequests from './mail-requests.ts';
import { type ProvedToken, prove, spend, type TokenProof } from './one-time-tokens.ts';

/** Has a link and a code mailed that verify the address. Says the same, after the same work, for every address. */
export async function request(ctx: RequestContext, input: { email: string }): Promise<void> {
  await mailRequests.accept(ctx, 'verify_email', input);
}

/**
 * Verifies an address by a mailed link or code. An account that was never verified may be another person's work: what was
 * set before goes, unless the password or a living session of the account says that it was the owner's own. Throws
 * one_time_token_invalid, or invalid_credentials for a wrong password, which leaves the token usable.
 */
export async function verify(
  ctx: RequestContext,
  caller: Actor | undefined,
  { password, ...proof }: TokenProof & { password?: string | undefined },
): Promise<User> {
  const token = await prove(ctx, 'verify_email', proof);
  const isOwner = password === undefined ? caller?.user.id === token.user_id : await isRight(ctx, token, password);
  if (!isOwner && password !== undefined) throw new AppError('invalid_credentials', { detail: 'Incorrect password' });
  return inTransaction(ctx, async (ctx) => {
    await spend(ctx, token);
    const { user_id: id } = token;
    const [before] = await ctx.db
      .select({ email_verified_at: users.email_verified_at, is_active: users.is_active })
      .from(users)
      .where(and(eq(users.id, id), isOpen))
      .for('update');
    if (before === undefined || !before.is_active) throw new AppError('one_time_token_invalid');
    const isFirst = before.email_verified_at === null;
    if (isFirst && !isOwner) await dropWhatWasSet(ctx, id);
    const [user] = await ctx.db
      .update(users)
      .set({ email_verified_at: sql`coalesce(${users.email_verified_at}, now())` })
      .where(eq(users.id, id))
      .returning(publicUserColumns);
    const details = { kept: isOwner || !isFirst };
    await audit.record(ctx, { event: 'email.verified', subject_id: id, actor_id: id, details });
    if (user === undefined) throw new AppError('one_time_token_invalid');
    return user;
  });
}

/** Counted like a login: a person who has the link may not guess the password by it. */
async function isRight(ctx: RequestContext, { user_id, email }: ProvedToken, password: string): Promise<boolean> {
  const proved = await limits.provePassword(ctx, email, async () => {
    const [user] = await ctx.db
      .select({ password_hash: users.password_hash })
      .from(users)
      .where(and(eq(users.id, user_id), eq(users.is_active, true)));
    return (await ctx.hasher.verify(password, user?.password_hash, clientShare(ctx.client.ip))) || undefined;
  });
  return proved === true;
}
