import { sql } from 'drizzle-orm';
import { check, date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { deletedAt, isOneOf, primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';
import { clubs } from './clubs.ts';
import { files } from './system/files.ts';

export const BOOK_TOPICS = ['novel', 'essay', 'poetry', 'other'] as const;

export const books = pgTable(
  'books',
  {
    id: primaryId(),
    club_id: uuid()
      .references(() => clubs.id, { onDelete: 'cascade' })
      .notNull(),
    title: text().notNull(),
    author: text().notNull(),
    copies: integer().notNull().default(0),
    topic: text({ enum: BOOK_TOPICS }).notNull().default('novel'),
    published: date(),
    cover_id: uuid().references(() => files.id, { onDelete: 'set null' }),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
    ...deletedAt(),
  },
  (table) => [
    index('books_owner_id_idx').on(table.owner_id, table.id),
    index('books_club_id_idx').on(table.club_id, table.id),
    index('books_club_id_title_idx').on(table.club_id, table.title, table.id),
    uniqueIndex('books_cover_id_key').on(table.cover_id),
    check('books_topic_check', isOneOf(table.topic, BOOK_TOPICS)),
    index('books_title_search_idx').using('gin', sql`to_tsvector('simple', ${table.title})`),
  ],
);

/** The owner does not exist: the account was deleted while the book was made. A cover is removed with its book's next one, so no other book has it. */
export const booksConstraints = {
  books_club_id_clubs_id_fkey: { missing: 'club_not_found' },
  books_owner_id_users_id_fkey: { missing: 'session_ended' },
  books_cover_id_files_id_fkey: { missing: 'file_not_found' },
  books_cover_id_key: 'cover_taken',
} as const;
