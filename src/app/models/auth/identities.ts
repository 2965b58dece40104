import { index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { primaryId } from '../../utils/columns.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { users } from './users.ts';

const instant = () => timestamp({ withTimezone: true });

/** The accounts of providers by which an account can be signed in to. Nothing that a provider gave is kept beside its name. */
export const identities = pgTable(
  'identities',
  {
    id: primaryId(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The provider's id in the settings; the key is the issuer. */
    provider: text().notNull(),
    issuer: text().notNull(),
    /** Who it is at the issuer, which never gives it to another person. */
    subject: text().notNull(),
    /** The address that the provider last named; it identifies nobody. */
    email: text().$type<EmailAddress>(),
    created_at: instant().notNull().defaultNow(),
    last_used_at: instant(),
  },
  (table) => [
    unique('identities_issuer_subject_key').on(table.issuer, table.subject),
    index('identities_user_id_idx').on(table.user_id, table.id),
  ],
);
