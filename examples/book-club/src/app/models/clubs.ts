import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';

export const clubs = pgTable(
  'clubs',
  {
    id: primaryId(),
    name: text().notNull(),
    about: text().notNull().default(''),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
  },
  (table) => [index('clubs_owner_id_idx').on(table.owner_id, table.id)],
);

/** The owner does not exist: the account was deleted while the club was made. */
export const clubsConstraints = { clubs_owner_id_users_id_fkey: { missing: 'session_ended' } } as const;
