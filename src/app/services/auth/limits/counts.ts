import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Database } from '../../../database.ts';
import { rateLimits } from '../../../models/auth/limits.ts';
import { isAlive, isOfPresentEpoch, sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';

/** Past for every transaction: now() of a transaction that began a moment earlier is before our now(). */
export const NEVER = sql`to_timestamp(0)`;

const EVENTS = {
  key: sql`${sql.placeholder('key')}::text`.as('key'),
  used: sql`${sql.placeholder('n')}::integer`.as('used'),
  pending: sql`0`.as('pending'),
  pending_until: NEVER.as('pending_until'),
  blocked_until: NEVER.as('blocked_until'),
  expires_at: sql`now() + make_interval(secs => ${sql.placeholder('window_seconds')})`.as('expires_at'),
};
const ADDED = {
  target: rateLimits.key,
  set: {
    used: sql`case when ${rateLimits.expires_at} <= now() then 0 else ${rateLimits.used} end + excluded.used`,
    expires_at: sql`case when ${rateLimits.expires_at} <= now() then excluded.expires_at else ${rateLimits.expires_at} end`,
  },
};
const USAGE = { used: rateLimits.used, resetsInSeconds: secondsUntil(rateLimits.expires_at) };

/** Counts events of a key. */
export function prepareCount(db: Database) {
  return db
    .insert(rateLimits)
    .select((query) => query.select(EVENTS).from(sql`(values (1)) as one`))
    .onConflictDoUpdate(ADDED)
    .returning(USAGE)
    .prepare();
}

/** The check of the session runs at the same time, so the count looks at the session itself: one that has ended must not use up its owner's limit. */
export function prepareCountOfSession(db: Database, config: Pick<Config, 'days_refresh_token_expire'>) {
  const role = sql`${sql.placeholder('role')}::text`;
  return db
    .insert(rateLimits)
    .select((query) =>
      query
        .select(EVENTS)
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.user_id))
        .where(
          and(
            eq(sessions.id, sql.placeholder('session_id')),
            eq(users.id, sql.placeholder('user_id')),
            eq(users.is_active, true),
            sql`(${role} is null or ${users.role} = ${role})`,
            isOfPresentEpoch,
            isAlive(config),
          ),
        ),
    )
    .onConflictDoUpdate(ADDED)
    .returning(USAGE)
    .prepare();
}

export function secondsUntil(instant: SQLWrapper): SQL<number> {
  return sql`extract(epoch from ${instant} - now())::float8`;
}
