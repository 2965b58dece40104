import { and, asc, gt } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, type User, users } from '../../models/auth/users.ts';
import * as audit from '../system/audit.ts';
import { findWaysIn, type WaysIn } from './user-ways-in.ts';

export type ExportedUser = Omit<User, 'updated_at' | 'has_password' | 'email_verified'> & {
  email_verified_at: Date | null;
  password_hash?: string | null;
} & WaysIn;

const PAGE_ROWS = 1000;
const NO_WAYS: WaysIn = { identities: [], passkeys: [] };

/**
 * Every user, oldest first, a page at a time; with the password's hash only if it is asked for. Pages with hashes are
 * recorded before they are handed on.
 */
export async function* exportAll(
  ctx: RequestContext,
  { with_hashes }: { with_hashes: boolean },
): AsyncGenerator<ExportedUser[]> {
  let after: string | undefined;
  do {
    const page = await readPage(ctx, { after, with_hashes });
    if (page.length > 0) yield page;
    after = page.length === PAGE_ROWS ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}

async function readPage(
  ctx: RequestContext,
  { after, with_hashes }: { after: string | undefined; with_hashes: boolean },
): Promise<ExportedUser[]> {
  const { id, email, name, email_verified_at, locale, role, is_active, created_at, password_hash } = users;
  const verified = { email_verified_at, locale };
  const columns = { id, email, name, ...verified, role, is_active, created_at, ...(with_hashes && { password_hash }) };
  return inTransaction(ctx, async (ctx) => {
    const rows = await ctx.db
      .select(columns)
      .from(users)
      .where(and(isOpen, after === undefined ? undefined : gt(id, after)))
      .orderBy(asc(id))
      .limit(PAGE_ROWS);
    const ways = await findWaysIn(
      ctx,
      rows.map(({ id }) => id),
    );
    const page = rows.map((user): ExportedUser => ({ ...user, ...(ways.get(user.id) ?? NO_WAYS) }));
    if (with_hashes && page.length > 0)
      await audit.record(ctx, {
        event: 'users.exported',
        subject_id: null,
        details: { count: page.length, with_hashes },
      });
    return page;
  });
}
