import { and, eq, ne, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { identities } from '../../models/auth/identities.ts';
import { users } from '../../models/auth/users.ts';
import { ENDED_BY_PASSWORD, revoke } from './one-time-tokens.ts';
import * as protection from './protection.ts';
import * as sessions from './sessions.ts';

/**
 * Drops the password, the passkeys and factors, the sessions, the identities and the pending requests of an account whose mailbox is proved for the first
 * time: nobody knows who set them. The identity that proves it stays.
 */
export async function dropWhatWasSet(
  ctx: RequestContext,
  user_id: string,
  { but_identity }: { but_identity?: string } = {},
): Promise<void> {
  await ctx.db
    .update(users)
    .set({ password_hash: null, password_version: sql`${users.password_version} + 1` })
    .where(eq(users.id, user_id));
  await dropIdentities(ctx, user_id, { but_identity });
  await protection.removeAll(ctx, user_id);
  await sessions.endAll(ctx, { user_id });
  await revoke(ctx, user_id, ENDED_BY_PASSWORD);
}

/** Drops the identities of such an account; its other ways in end by what proves the mailbox. */
export async function dropIdentities(
  { db }: Pick<RequestContext, 'db'>,
  user_id: string,
  { but_identity }: { but_identity?: string | undefined } = {},
): Promise<void> {
  const others = but_identity === undefined ? undefined : ne(identities.id, but_identity);
  await db.delete(identities).where(and(eq(identities.user_id, user_id), others));
}
