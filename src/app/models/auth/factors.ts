import { bigint, boolean, check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, primaryId } from '../../utils/columns.ts';
import { users } from './users.ts';

export const FACTOR_TYPES = ['totp'] as const;

const instant = () => timestamp({ withTimezone: true });

/** The authenticator apps of an account. */
export const factors = pgTable(
  'factors',
  {
    id: primaryId(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    type: text({ enum: FACTOR_TYPES }).notNull(),
    name: text().notNull(),
    /** The secret, encrypted for this row. */
    sealed_secret: text().notNull(),
    /** The key that it is encrypted by. */
    key_id: text().notNull(),
    /** False until its first code is proved; it protects nothing before. */
    is_active: boolean().notNull().default(false),
    /** The step of the latest code that was taken; an earlier one is void (RFC 6238 §5.2). */
    last_step: bigint({ mode: 'number' }),
    created_at: instant().notNull().defaultNow(),
    last_used_at: instant(),
  },
  (table) => [
    index('factors_user_id_idx').on(table.user_id),
    index('factors_key_id_idx').on(table.key_id),
    check('factors_type_check', isOneOf(table.type, FACTOR_TYPES)),
  ],
);
