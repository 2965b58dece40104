import { bigint, boolean, index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { primaryId } from '../../utils/columns.ts';
import { users } from './users.ts';

const instant = () => timestamp({ withTimezone: true });

/** The passkeys of an account: public keys, with which nobody signs in. */
export const passkeys = pgTable(
  'passkeys',
  {
    id: primaryId(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** What the authenticator calls it, as base64url. */
    credential_id: text().notNull(),
    /** A COSE key (RFC 9052 §7), as base64url. */
    public_key: text().notNull(),
    name: text().notNull(),
    /** How browsers may reach the authenticator: `internal`, `hybrid`, `usb`. */
    transports: text().array().notNull(),
    /** The latest signature counter; 0 for an authenticator that has none. */
    counter: bigint({ mode: 'number' }).notNull(),
    /** True if it may be on several devices, whose counters say nothing about each other. */
    is_synced: boolean().notNull(),
    /** True if a copy is kept outside of the device. */
    backed_up: boolean().notNull(),
    created_at: instant().notNull().defaultNow(),
    last_used_at: instant(),
  },
  (table) => [
    unique('passkeys_credential_id_key').on(table.credential_id),
    index('passkeys_user_id_idx').on(table.user_id, table.id),
  ],
);

/** Challenges that were answered: each counts once. One that is expired needs no row any more. */
export const usedChallenges = pgTable(
  'used_challenges',
  {
    id: uuid().primaryKey(),
    expires_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index('used_challenges_expires_at_idx').on(table.expires_at)],
);

/** What each constraint's violation means to a client. */
export const passkeysConstraints = { passkeys_credential_id_key: 'passkey_taken' } as const;
