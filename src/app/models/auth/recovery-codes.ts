import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/** The recovery codes of an account: they are derived, and only their use is written down. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    user_id: uuid()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Another one makes other codes. */
    set_id: uuid().notNull(),
    /** The key that they are derived by. */
    key_id: text().notNull(),
    /** A bit for each code that was used. */
    used: integer().notNull().default(0),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [check('recovery_codes_used_check', sql`${table.used} between 0 and 1023`)],
);
