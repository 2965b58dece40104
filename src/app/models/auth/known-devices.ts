import { pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/** The devices that had a session of an account: guesses from elsewhere cannot lock them out. At most twenty an account. */
export const knownDevices = pgTable(
  'known_devices',
  {
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** A hash of the account's address, the client's network and the kind of device. */
    device_key: text().notNull(),
    seen_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'known_devices_pkey', columns: [table.user_id, table.device_key] })],
);
