import { and, eq, gt, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { Core } from '../../core.ts';
import { oneTimeTokens } from '../../models/auth/one-time-tokens.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import type { Locale } from '../../utils/locales.ts';

/** The condition of a way back that still holds the address that it leads to, as the trigger of `users` has it. */
export const isHeld: SQL | undefined = and(
  eq(oneTimeTokens.purpose, 'undo_email_change'),
  isNull(oneTimeTokens.used_at),
  gt(oneTimeTokens.expires_at, sql`now()`),
);

/**
 * The account that has an address, or another one than `asking` that can still go back to it; one statement. The database itself
 * refuses the address to others.
 */
export async function findHolder(
  { db }: Pick<Core, 'db'>,
  email: EmailAddress,
  asking?: string,
): Promise<{ id: string; locale: Locale | null } | undefined> {
  const { id, locale } = users;
  const held = db
    .select({ user_id: oneTimeTokens.user_id })
    .from(oneTimeTokens)
    .where(
      and(eq(oneTimeTokens.email, email), isHeld, asking === undefined ? undefined : ne(oneTimeTokens.user_id, asking)),
    );
  const [holder] = await db
    .select({ id, locale })
    .from(users)
    .where(and(sql`(${users.email} = ${email} or ${id} = any(array(${held})))`, isOpen))
    .orderBy(sql`${users.email} = ${email} desc`)
    .limit(1);
  return holder;
}

/** Those of the addresses that some account can still go back to. */
export async function findHeld({ db }: Pick<Core, 'db'>, emails: EmailAddress[]): Promise<Set<string>> {
  const rows = await db
    .select({ email: oneTimeTokens.email })
    .from(oneTimeTokens)
    .innerJoin(users, eq(users.id, oneTimeTokens.user_id))
    .where(and(inArray(oneTimeTokens.email, emails), isHeld, isOpen));
  return new Set(rows.map(({ email }) => email));
}
