import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, primaryId, timestamps } from '../../utils/columns.ts';
import { users } from '../auth/users.ts';

/** `pending` until the upload was found in the storage as it was declared. */
export const FILE_STATES = ['pending', 'ready'] as const;

/** What users uploaded, or are about to. The content stands in the storage under the row's id. A trigger notes each deleted row in `file_removals`. */
export const files = pgTable(
  'files',
  {
    id: primaryId(),
    owner_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** A media type without parameters, in lower case. */
    type: text().notNull(),
    /** In bytes. */
    size: bigint({ mode: 'number' }).notNull(),
    /** A name of `productFiles`. */
    purpose: text().notNull(),
    state: text({ enum: FILE_STATES }).notNull().default('pending'),
    ...timestamps(),
  },
  (table) => [
    index('files_owner_id_idx').on(table.owner_id, table.id),
    index('files_owner_id_purpose_idx').on(table.owner_id, table.purpose),
    index('files_pending_idx').on(table.created_at).where(sql`${table.state} = 'pending'`),
    check('files_state_check', isOneOf(table.state, FILE_STATES)),
    check('files_size_check', sql`${table.size} > 0`),
  ],
);

/** Objects of the storage whose rows are gone. The id alone is kept: it says nothing of the person. */
export const fileRemovals = pgTable(
  'file_removals',
  {
    id: uuid().primaryKey(),
    /** From then on no upload can be under way. */
    final_at: timestamp({ withTimezone: true }).notNull(),
    /** When the object is removed next. */
    due_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index('file_removals_due_at_idx').on(table.due_at)],
);

/** What each constraint's violation means to a client. */
export const filesConstraints = { files_owner_id_users_id_fkey: { missing: 'session_ended' } } as const;
