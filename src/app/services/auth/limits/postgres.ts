import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Database } from '../../../database.ts';
import { loginFailures, rateLimits } from '../../../models/auth/limits.ts';
import { isAlive, isOfPresentEpoch, sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Outcome, type Policy } from './store.ts';

const CLEANUP_ROWS = 10_000;
/** A row of failures is removed after this time without a new failure. */
const FORGET_FAILURES_DAYS = 30;

const LEASE = seconds(LEASE_SECONDS);
/** Past for every transaction: now() of a transaction that began a moment earlier is before our now(). */
const NEVER = sql`to_timestamp(0)`;
/** The locked row `l` without what has expired. */
const USED = sql`case when l.expires_at <= now() then 0 else l.used end`;
const PENDING = sql`case when l.pending_until <= now() then 0 else l.pending end`;

/** Counts in the database: one statement a call, by the database's clock, without session state, so it works behind a transaction pooler. */
export function createPostgresStore(db: Database, config: Pick<Config, 'days_refresh_token_expire'>): LimitStore {
  const count = prepareCount(db);
  const countOfSession = prepareCountOfSession(db, config);
  return {
    acquire: async (policy, key) => {
      // The first part reads the row under its lock; the second part only explains a refusal and reads the statement's snapshot.
      const { rows } = await db.execute<{ is_granted: boolean; pending: number; wait_seconds: number }>(sql`
        with acquired as (
          insert into ${rateLimits} as l (key, used, pending, pending_until, blocked_until, expires_at)
          values (${counterKey(policy, key)}, 0, 1, now() + ${LEASE}, ${NEVER}, ${NEVER})
          on conflict (key) do update set
            used = ${USED}, pending = ${PENDING} + 1, pending_until = now() + ${LEASE}
          where l.blocked_until <= now() and ${PENDING} < greatest(${policy.limit} - ${USED}, 1)
          returning pending
        )
        select true as is_granted, pending, 0::float8 as wait_seconds from acquired
        union all
        select false, pending, ${secondsUntil(sql`blocked_until`)} from ${rateLimits}
        where key = ${counterKey(policy, key)} and not exists (select from acquired)`);
      const { is_granted = false, pending = 0, wait_seconds: waitSeconds = 0 } = rows[0] ?? {};
      if (is_granted) return { state: 'granted', policy, key, pending };
      return waitSeconds > 0 ? { state: 'refused', waitSeconds } : { state: 'busy' };
    },
    release: async ({ policy, key }, outcome) => {
      const first = settled(policy, outcome, { used: sql`0`, expiresAt: NEVER, blockedUntil: NEVER });
      const next = settled(policy, outcome, {
        used: USED,
        expiresAt: sql`l.expires_at`,
        blockedUntil: sql`l.blocked_until`,
      });
      const { rows } = await db.execute<{ used: number }>(sql`
        insert into ${rateLimits} as l (key, used, pending, pending_until, blocked_until, expires_at)
        values (${counterKey(policy, key)}, ${first.used}, 0, ${NEVER}, ${first.blockedUntil}, ${first.expiresAt})
        on conflict (key) do update set
          used = ${next.used}, pending = greatest(l.pending - 1, 0),
          blocked_until = ${next.blockedUntil}, expires_at = ${next.expiresAt}
        returning used`);
      return rows[0]?.used ?? 0;
    },
    count: async ({ name, windowSeconds }, key, n = 1, origin) => {
      const values = { key: counterKey({ name }, key), n, window_seconds: windowSeconds };
      const [row] = await (origin === undefined
        ? count.execute(values)
        : countOfSession.execute({ ...values, ...origin, role: origin.role ?? null }));
      return row ?? { used: n, resetsInSeconds: windowSeconds };
    },
    clear: async (policy, key) => {
      await db.execute(sql`delete from ${rateLimits} where key = ${counterKey(policy, key)}`);
    },
    cleanup: () => cleanup(db),
    close: async () => {},
  };
}

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

function prepareCount(db: Database) {
  return db
    .insert(rateLimits)
    .select((query) => query.select(EVENTS).from(sql`(values (1)) as one`))
    .onConflictDoUpdate(ADDED)
    .returning(USAGE)
    .prepare();
}

/** The check of the session runs at the same time, so the count looks at the session itself: one that has ended must not use up its owner's limit. */
function prepareCountOfSession(db: Database, config: Pick<Config, 'days_refresh_token_expire'>) {
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

async function cleanup(db: Database): Promise<void> {
  // Locked rows are skipped: two cleanups in different orders could otherwise wait for each other.
  await db.execute(sql`
    delete from ${rateLimits} where key in (
      select key from ${rateLimits} where expires_at <= now() and pending_until <= now()
      limit ${CLEANUP_ROWS} for update skip locked
    )`);
  await db.execute(sql`
    delete from ${loginFailures} where account_key in (
      select account_key from ${loginFailures}
      where failed_at < now() - make_interval(days => ${FORGET_FAILURES_DAYS})
      limit ${CLEANUP_ROWS} for update skip locked
    )`);
}

/** The columns of a counter that an outcome changes. */
type Counts = Record<'used' | 'expiresAt' | 'blockedUntil', SQL>;

function settled(policy: Policy, outcome: Outcome, before: Counts): Counts {
  if (outcome === 'cleared') return { used: sql`0`, expiresAt: NEVER, blockedUntil: NEVER };
  if (outcome === 'refunded') return before;
  const used = sql`${before.used} + 1`;
  const windowEnd = sql`case when ${before.used} = 0 then now() + ${seconds(policy.windowSeconds)} else ${before.expiresAt} end`;
  const ifReached = (then: SQL, otherwise: SQL): SQL =>
    sql`case when ${used} >= ${policy.limit}::integer then ${then} else ${otherwise} end`;
  if (policy.firstWaitSeconds === undefined)
    return { used, expiresAt: windowEnd, blockedUntil: ifReached(windowEnd, before.blockedUntil) };
  const doubled = sql`${policy.firstWaitSeconds}::float8 * 2 ^ least(${used} - ${policy.limit}::integer, 30)`;
  const waitEnd = sql`now() + make_interval(secs => least(${doubled}, ${policy.windowSeconds}))`;
  return {
    used,
    blockedUntil: ifReached(waitEnd, before.blockedUntil),
    expiresAt: ifReached(sql`${waitEnd} + ${seconds(policy.windowSeconds)}`, windowEnd),
  };
}

function seconds(n: number): SQL {
  return sql`make_interval(secs => ${sql.raw(String(n))})`;
}

function secondsUntil(instant: SQLWrapper): SQL<number> {
  return sql`extract(epoch from ${instant} - now())::float8`;
}
