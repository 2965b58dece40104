import { check, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { isOneOf } from '../../utils/columns.ts';
import { users } from './users.ts';

/** Why a way in is not open yet. */
const CHALLENGE_PURPOSES = ['second_factor', 'enrollment'] as const;

/** Sign-ins that wait for their second factor, or for the enrolment of one. No session exists for them. */
export const mfaChallenges = pgTable(
  'mfa_challenges',
  {
    id: uuid().primaryKey(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text({ enum: CHALLENGE_PURPOSES }).notNull(),
    /** The key that its token is derived by. */
    key_id: text().notNull(),
    /** The methods that were proved before (RFC 8176), separated by spaces. */
    amr: text().notNull(),
    /** The state of the credentials that were proved; a change of the password makes it void. */
    password_version: integer().notNull(),
    /** The answers that were tried. */
    attempts: integer().notNull().default(0),
    expires_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [
    index('mfa_challenges_user_id_idx').on(table.user_id),
    index('mfa_challenges_expires_at_idx').on(table.expires_at),
    check('mfa_challenges_purpose_check', isOneOf(table.purpose, CHALLENGE_PURPOSES)),
  ],
);
