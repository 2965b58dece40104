import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import type { EmailAddress } from '../../utils/emails.ts';
import { newId } from '../../utils/ids.ts';

export const ROLES = ['user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The `password_hash` of an account without a password: no password verifies against it. */
export const NO_PASSWORD = '!';

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey().$defaultFn(newId),
    email: text().$type<EmailAddress>().notNull(),
    name: text(),
    password_hash: text().notNull(),
    /** The number of password changes; a proof of an older password is void. A rehash does not count. */
    password_version: integer().notNull().default(0),
    role: text({ enum: ROLES }).notNull().default('user'),
    is_active: boolean().notNull().default(true),
    created_at: timestamp({ withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    updated_at: timestamp({ withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow()
      .$onUpdateFn(() => sql`now()`),
  },
  (table) => [
    unique('users_email_key').on(table.email),
    // Prefix search (`like 'ann%'`) needs byte order whatever the database's collation is.
    index('users_email_prefix_idx').on(table.email.op('text_pattern_ops')),
    // Few rows of many: the administrators' list and the count that protects the last one.
    index('users_admins_idx').on(table.id).where(sql`${table.role} = 'admin'`),
    // Few rows of many as well: without the index their list reads all users from the newest on.
    index('users_disabled_idx').on(table.id).where(sql`not ${table.is_active}`),
    check('users_role_check', sql`${table.role} in ('user', 'admin')`),
  ],
);

/** What each constraint's violation means to a client. */
export const usersConstraints = { users_email_key: 'email_taken' } as const;

/** The columns that may leave the service layer: all but the password's. */
export const publicUserColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  is_active: users.is_active,
  created_at: users.created_at,
  updated_at: users.updated_at,
};

/** A user as services return it, without the password's columns. */
export type User = Omit<typeof users.$inferSelect, 'password_hash' | 'password_version'>;
