import { isNull } from 'drizzle-orm';
import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { moment, primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';
import { books } from './books.ts';

export const loans = pgTable(
  'loans',
  {
    id: primaryId(),
    book_id: uuid()
      .references(() => books.id, { onDelete: 'cascade' })
      .notNull(),
    due_at: moment().notNull(),
    returned_at: moment(),
    reminded_at: moment(),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
  },
  (table) => [
    index('loans_owner_id_idx').on(table.owner_id, table.id),
    index('loans_book_id_idx').on(table.book_id, table.id),
    index('loans_due_at_idx').on(table.due_at).where(isNull(table.returned_at)),
  ],
);

/** The owner does not exist: the account was deleted while the loan was made. */
export const loansConstraints = {
  loans_book_id_books_id_fkey: { missing: 'book_not_found' },
  loans_owner_id_users_id_fkey: { missing: 'session_ended' },
} as const;
