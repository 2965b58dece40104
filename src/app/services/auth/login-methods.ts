import { eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { identities } from '../../models/auth/identities.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { publicUserColumns, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';

/**
 * Throws last_login_method if an account has no way in left: no password, no identity and no passkey. Call it after one is
 * removed, in the transaction of that, with the account's row locked.
 */
export async function requireLoginMethod({ db }: Pick<RequestContext, 'db'>, user_id: string): Promise<void> {
  const has_identity = sql<boolean>`exists (select from ${identities} where ${identities.user_id} = ${users.id})`;
  const has_passkey = sql<boolean>`exists (select from ${passkeys} where ${passkeys.user_id} = ${users.id})`;
  const [left] = await db
    .select({
      has_password: publicUserColumns.has_password,
      has_identity: has_identity.as('has_identity'),
      has_passkey: has_passkey.as('has_passkey'),
    })
    .from(users)
    .where(eq(users.id, user_id));
  if (!left?.has_password && !left?.has_identity && !left?.has_passkey) throw new AppError('last_login_method');
}
