import { sql } from 'drizzle-orm';
import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { newId } from '../utils/ids.ts';
import { users } from './auth/users.ts';

export const items = pgTable(
  'items',
  {
    id: uuid().primaryKey().$defaultFn(newId),
    title: text().notNull(),
    description: text(),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    created_at: timestamp({ withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    updated_at: timestamp({ withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow()
      .$onUpdateFn(() => sql`now()`),
  },
  (table) => [index('items_owner_id_idx').on(table.owner_id, table.id)],
);

/** The owner does not exist: the account was deleted while the item was made. */
export const itemsConstraints = { items_owner_id_users_id_fkey: 'session_ended' } as const;

export type Item = typeof items.$inferSelect;
