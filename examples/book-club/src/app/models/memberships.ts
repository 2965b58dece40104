import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';
import { clubs } from './clubs.ts';

export const MEMBERSHIP_ROLES = ['reader', 'organiser'] as const;

export const memberships = pgTable(
  'memberships',
  {
    id: primaryId(),
    club_id: uuid()
      .references(() => clubs.id, { onDelete: 'cascade' })
      .notNull(),
    user_id: uuid()
      .references(() => users.id, { onDelete: 'cascade' })
      .notNull(),
    role: text({ enum: MEMBERSHIP_ROLES }).notNull().default('reader'),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
  },
  (table) => [
    index('memberships_owner_id_idx').on(table.owner_id, table.id),
    index('memberships_club_id_idx').on(table.club_id, table.id),
    uniqueIndex('memberships_user_id_club_id_key').on(table.user_id, table.club_id),
    check('memberships_role_check', isOneOf(table.role, MEMBERSHIP_ROLES)),
  ],
);

/** The owner does not exist: the account was deleted while the membership was made. */
export const membershipsConstraints = {
  memberships_club_id_clubs_id_fkey: { missing: 'club_not_found' },
  memberships_user_id_users_id_fkey: { missing: 'user_not_found' },
  memberships_owner_id_users_id_fkey: { missing: 'session_ended' },
} as const;
