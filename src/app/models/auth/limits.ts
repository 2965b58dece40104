import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const instant = () => timestamp({ withTimezone: true }).notNull();

/**
 * The counters of the limits: all of them can be lost, so the revision makes the table UNLOGGED and a count costs no
 * disk write. No index but the key's, so that every update stays in its page (HOT).
 */
export const rateLimits = pgTable('rate_limits', {
  /** The limit's name and whom it counts. */
  key: text().primaryKey(),
  used: integer().notNull(),
  /** Attempts under way: places that are taken and may come back. */
  pending: integer().notNull(),
  /** After this nobody can still be at it: the process that took the places is gone. */
  pending_until: instant(),
  blocked_until: instant(),
  /** When `used` starts again from zero. */
  expires_at: instant(),
});

/** How often in a row the password of an address was not proved, whether or not it has an account. Outlives a crash. */
export const loginFailures = pgTable(
  'login_failures',
  {
    /** A hash of the canonical address: what people type in the wrong field is no business of this table. */
    account_key: text().primaryKey(),
    in_a_row: integer().notNull(),
    failed_at: instant(),
  },
  (table) => [index('login_failures_failed_at_idx').on(table.failed_at)],
);
