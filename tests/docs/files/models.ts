import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { users } from '../../../src/app/models/auth/users.ts';
import { files } from '../../../src/app/models/system/files.ts';
import { primaryId } from '../../../src/app/utils/columns.ts';

export const books = pgTable('guide_books', {
  id: primaryId(),
  title: text().notNull(),
  owner_id: uuid()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  cover_id: uuid()
    .unique()
    .references(() => files.id, { onDelete: 'set null' }),
});

/** The table of the model above. */
export const BOOKS_SQL = `create table guide_books (
  id uuid primary key,
  title text not null,
  owner_id uuid not null references users (id) on delete cascade,
  cover_id uuid unique references files (id) on delete set null
)`;
