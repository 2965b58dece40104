import { createHash } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { users } from '../../../models/auth/users.ts';

/** The key of an address, with or without an account, or of one known device of its account. */
export function accountKey(address: string, device?: string): string {
  const key = createHash('sha256').update(address).digest('base64url');
  return device === undefined ? key : `${key}.${device}`;
}

/** accountKey of a user's address, as PostgreSQL finds it. */
export function accountKeyOf(user_id: string): SQL {
  const digest = sql`encode(sha256(convert_to(${users.email}, 'UTF8')), 'base64')`;
  return sql`(select translate(${digest}, '+/=', '-_') from ${users} where ${users.id} = ${user_id})`;
}
