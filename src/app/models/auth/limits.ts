import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const instant = () => timestamp({ withTimezone: true }).notNull();

/**
 * The counters of the limits: all of them can be lost, so the revision makes the table UNLOGGED and a count costs no
 * disk write. No index but the key's, so that every update stays in its page (HOT).
 */
export const rateLimits = pgTable('rate_limits', {
  /** The limit's name and the client or account that it counts. */
  key: text().primaryKey(),
  used: integer().notNull(),
  /** Permits of attempts under way; they may be returned. */
  pending: integer().notNull(),
  /** After this no attempt is under way: the process that acquired the permits has ended. */
  pending_until: instant(),
  blocked_until: instant(),
  /** When `used` starts again from zero. */
  expires_at: instant(),
});

/** The failed password proofs in a row of an address (with or without an account), a known device or a session. Survives a crash. */
export const loginFailures = pgTable(
  'login_failures',
  {
    /** A hash of the canonical address, since people type secrets into the wrong field; of a device with its key, or a session's id. */
    account_key: text().primaryKey(),
    in_a_row: integer().notNull(),
    failed_at: instant(),
  },
  (table) => [index('login_failures_failed_at_idx').on(table.failed_at)],
);
