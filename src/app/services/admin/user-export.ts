import { asc, gt } from 'drizzle-orm';
import type { AppContext } from '../../context.ts';
import { type User, users } from '../../models/auth/users.ts';

export type ExportedUser = Omit<User, 'updated_at'> & { password_hash?: string };

const PAGE_ROWS = 1000;

/** Every user, oldest first, a page at a time; with the password's hash only on request. */
export async function* exportAll(
  ctx: AppContext,
  { with_hashes }: { with_hashes: boolean },
): AsyncGenerator<ExportedUser[]> {
  const { id, email, name, role, is_active, created_at, password_hash } = users;
  const columns = { id, email, name, role, is_active, created_at, ...(with_hashes && { password_hash }) };
  let after: string | undefined;
  do {
    const page: ExportedUser[] = await ctx.db
      .select(columns)
      .from(users)
      .where(after === undefined ? undefined : gt(id, after))
      .orderBy(asc(id))
      .limit(PAGE_ROWS);
    if (page.length > 0) yield page;
    after = page.length === PAGE_ROWS ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}
