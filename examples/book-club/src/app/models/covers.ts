import { bytea, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from '../utils/columns.ts';
import { books } from './books.ts';

export const COVER_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;

/** The pictures stand apart from the books, so that a list of books reads none of them. */
export const covers = pgTable('covers', {
  book_id: uuid()
    .primaryKey()
    .references(() => books.id, { onDelete: 'cascade' }),
  type: text({ enum: COVER_TYPES }).notNull(),
  bytes: bytea().notNull(),
  ...timestamps(),
});

/** The book does not exist: it was deleted meanwhile. */
export const coversConstraints = { covers_book_id_books_id_fkey: { missing: 'book_not_found' } } as const;
