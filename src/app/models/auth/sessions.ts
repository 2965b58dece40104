import { and, type SQL, sql } from 'drizzle-orm';
import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { newId } from '../../utils/ids.ts';
import { users } from './users.ts';

/**
 * One login. The row holds no token and no hash of one: a refresh token is the signed claim "this session, counter n",
 * so a stolen table opens no account.
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey().$defaultFn(newId),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** How often the session was refreshed; the valid refresh token carries this number. */
    counter: integer().notNull().default(0),
    /** The user's `session_epoch` when the session started; it has ended if the user's is another. */
    epoch: integer().notNull().default(0),
    ip: text(),
    user_agent: text(),
    /** When its holder last proved who they are: the token's `auth_time`. */
    authenticated_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** By which methods (RFC 8176), separated by spaces. */
    amr: text().notNull().default('pwd'),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** When the counter last moved; the refresh token's `iat`. */
    refreshed_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    last_used_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** The absolute end, however often the session is refreshed. */
    expires_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index('sessions_user_id_idx').on(table.user_id, table.id)],
);

export type SessionRow = typeof sessions.$inferSelect;

/** The columns that the tokens of a session are made of. */
export const lineageColumns = {
  id: sessions.id,
  user_id: sessions.user_id,
  counter: sessions.counter,
  refreshed_at: sessions.refreshed_at,
  expires_at: sessions.expires_at,
  authenticated_at: sessions.authenticated_at,
  amr: sessions.amr,
};

export type SessionLineage = Pick<SessionRow, keyof typeof lineageColumns>;

/** The condition of a session, joined with its user, that did not end with all others of the user. */
export const isOfPresentEpoch: SQL = sql`${sessions.epoch} = ${users.session_epoch}`;

/** The same without the join. */
export const isOfOwnersEpoch: SQL = sql`${sessions.epoch} = (select ${users.session_epoch} from ${users} where ${users.id} = ${sessions.user_id})`;

/** The condition of a session that has not expired: neither idle for too long nor past its absolute end, by the database's clock. */
export function isAlive({ days_refresh_token_expire }: { days_refresh_token_expire: number }): SQL | undefined {
  const idle = sql`make_interval(days => ${sql.raw(String(days_refresh_token_expire))})`;
  return and(sql`${sessions.expires_at} > now()`, sql`${sessions.refreshed_at} > now() - ${idle}`);
}
