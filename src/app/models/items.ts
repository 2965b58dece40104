import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { primaryId, timestamps } from '../utils/columns.ts';
import { users } from './auth/users.ts';

export const items = pgTable(
  'items',
  {
    id: primaryId(),
    title: text().notNull(),
    description: text(),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ...timestamps(),
  },
  (table) => [index('items_owner_id_idx').on(table.owner_id, table.id)],
);

/** The owner does not exist: the account was deleted while the item was made. */
export const itemsConstraints = { items_owner_id_users_id_fkey: { missing: 'session_ended' } } as const;
