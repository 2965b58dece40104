import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { identities } from './identities.ts';

const instant = () => timestamp({ withTimezone: true });

/**
 * Sign-ins with a provider that came back from it, so that none does twice, and the codes that apps exchange for a session. What
 * a sign-in needs on its way is in the browser's cookie, sealed.
 */
export const oauthFlows = pgTable(
  'oauth_flows',
  {
    /** The id in the sealed state, and of the code. */
    id: uuid().primaryKey(),
    /** Who was proved; null as long as the provider is asked, and if it proved nobody. */
    identity_id: uuid().references(() => identities.id, { onDelete: 'cascade' }),
    /** The app's, of which it brings the verifier (RFC 7636). */
    code_challenge: text(),
    /** The key that the code is derived by. */
    key_id: text(),
    code_expires_at: instant(),
    used_at: instant(),
    /** From then on the state itself is too old. */
    expires_at: instant().notNull(),
  },
  (table) => [
    index('oauth_flows_identity_id_idx').on(table.identity_id),
    index('oauth_flows_expires_at_idx').on(table.expires_at),
  ],
);
