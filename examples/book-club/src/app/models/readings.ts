import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment, primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';
import { books } from './books.ts';
import { clubs } from './clubs.ts';

export const readings = pgTable(
  'readings',
  {
    id: primaryId(),
    club_id: uuid()
      .references(() => clubs.id, { onDelete: 'cascade' })
      .notNull(),
    book_id: uuid()
      .references(() => books.id, { onDelete: 'cascade' })
      .notNull(),
    meets_at: moment().notNull(),
    note: text().notNull().default(''),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
  },
  (table) => [
    index('readings_owner_id_idx').on(table.owner_id, table.id),
    index('readings_club_id_idx').on(table.club_id, table.id),
    index('readings_book_id_idx').on(table.book_id),
  ],
);

/** The owner does not exist: the account was deleted while the reading was made. */
export const readingsConstraints = {
  readings_club_id_clubs_id_fkey: { missing: 'club_not_found' },
  readings_book_id_books_id_fkey: { missing: 'book_not_found' },
  readings_owner_id_users_id_fkey: { missing: 'session_ended' },
} as const;
