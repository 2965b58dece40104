import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { EmailAddress } from '../../utils/emails.ts';
import { users } from './users.ts';

/** What a one-time token is for. Of the last two an account may have many at once. */
export const TOKEN_PURPOSES = [
  'reset_password',
  'verify_email',
  'confirm_email_change',
  'invitation',
  'login_code',
  'undo_email_change',
  'secure_account',
] as const;
export type TokenPurpose = (typeof TOKEN_PURPOSES)[number];

/** What belongs to a token and is no secret. */
export type TokenData = Record<string, string | number | boolean | null>;

const instant = () => timestamp({ withTimezone: true });

/**
 * Links and codes that were mailed. Neither stands here, nor a digest of one: both are derived from the row by a key that the
 * database does not know.
 */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    id: uuid().primaryKey(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text().$type<TokenPurpose>().notNull(),
    /** The mailbox that the token goes to, and that it proves. */
    email: text().$type<EmailAddress>().notNull(),
    /** The key that it is derived by. */
    key_id: text().notNull(),
    expires_at: instant().notNull(),
    /** The end of the code; null if the token has the form of a link alone. */
    code_expires_at: instant(),
    /** The codes that were tried. */
    code_attempts: integer().notNull().default(0),
    used_at: instant(),
    data: jsonb().$type<TokenData>().notNull().default({}),
    created_at: instant().notNull().defaultNow(),
  },
  (table) => [
    index('one_time_tokens_user_id_idx').on(table.user_id),
    // A newer request takes the place of the older one, also if two come at once.
    uniqueIndex('one_time_tokens_open_idx')
      .on(table.user_id, table.purpose)
      .where(sql`${table.used_at} is null and ${table.purpose} not in ('undo_email_change', 'secure_account')`),
    index('one_time_tokens_email_idx').on(table.email, table.purpose),
    index('one_time_tokens_expires_at_idx').on(table.expires_at),
  ],
);

export type OneTimeTokenRow = typeof oneTimeTokens.$inferSelect;
