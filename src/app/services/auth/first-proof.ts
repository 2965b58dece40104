import { eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { users } from '../../models/auth/users.ts';
import { ENDED_BY_PASSWORD, revoke } from './one-time-tokens.ts';
import * as sessions from './sessions.ts';

/** Drops the password, the sessions and the pending requests of an account whose mailbox is proved for the first time: nobody knows who set them. */
export async function dropWhatWasSet(ctx: RequestContext, user_id: string): Promise<void> {
  await ctx.db
    .update(users)
    .set({ password_hash: null, password_version: sql`${users.password_version} + 1` })
    .where(eq(users.id, user_id));
  await sessions.endAll(ctx, { user_id });
  await revoke(ctx, user_id, ENDED_BY_PASSWORD);
}
