import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../../../database.ts';
import { loginFailures, rateLimits } from '../../../models/auth/limits.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Outcome, type Policy } from './store.ts';

const SWEEP_ROWS = 10_000;
/** Failures that are followed by nothing for so long are no row any more, unless they have locked the account. */
const FORGET_FAILURES_DAYS = 30;

const LEASE = seconds(LEASE_SECONDS);
/** Long past for every transaction: with now() for it, one that began a moment earlier would still see the future. */
const NEVER = sql`to_timestamp(0)`;
/** Of the row `l` as it stands when it is locked: what has run out counts as nothing. */
const USED = sql`case when l.expires_at <= now() then 0 else l.used end`;
const PENDING = sql`case when l.pending_until <= now() then 0 else l.pending end`;

/** Counts in the database: one statement a call, by the database's clock and without session state, so it holds behind a transaction pooler. */
export function createPostgresStore(db: Database, max_failures_in_a_row: number): LimitStore {
  const count = prepareCount(db);
  return {
    count: async ({ name, window_seconds }, key, n) => {
      const [row] = await count.execute({ key: counterKey({ name }, key), n, window_seconds });
      return row ?? { used: n, resets_in_seconds: window_seconds };
    },
    take: async (policy, key) => {
      // The first part sees the row as it is now, under its lock; the second one, which only explains a refusal, as it was when the statement began.
      const { rows } = await db.execute<{ is_granted: boolean; pending: number; wait_seconds: number }>(sql`
        with taken as (
          insert into ${rateLimits} as l (key, used, pending, pending_until, blocked_until, expires_at)
          values (${counterKey(policy, key)}, 0, 1, now() + ${LEASE}, ${NEVER}, ${NEVER})
          on conflict (key) do update set
            used = ${USED}, pending = ${PENDING} + 1, pending_until = now() + ${LEASE}
          where l.blocked_until <= now() and ${PENDING} < greatest(${policy.limit} - ${USED}, 1)
          returning pending
        )
        select true as is_granted, pending, 0::float8 as wait_seconds from taken
        union all
        select false, pending, ${secondsUntil(sql`blocked_until`)} from ${rateLimits}
        where key = ${counterKey(policy, key)} and not exists (select from taken)`);
      const { is_granted = false, pending = 0, wait_seconds = 0 } = rows[0] ?? {};
      if (is_granted) return { state: 'granted', pending, wait_seconds };
      return { state: wait_seconds > 0 ? 'refused' : 'busy', pending, wait_seconds };
    },
    settle: async (policy, key, outcome) => {
      const { rows } = await db.execute<{ used: number }>(sql`
        update ${rateLimits} as l set
          pending = greatest(l.pending - 1, 0),
          ${settled(policy, outcome)}
        from (
          select key, ${USED} as used, case when ${USED} = 0 then now() + ${seconds(policy.window_seconds)} else l.expires_at end as window_end
          from ${rateLimits} as l where key = ${counterKey(policy, key)} for update
        ) as before
        where l.key = before.key
        returning l.used`);
      return rows[0]?.used ?? 0;
    },
    clear: async (policy, key) => {
      await db.execute(sql`delete from ${rateLimits} where key = ${counterKey(policy, key)}`);
    },
    sweep: () => sweep(db, max_failures_in_a_row),
    close: async () => {},
  };
}

function prepareCount(db: Database) {
  return db
    .insert(rateLimits)
    .values({
      key: sql.placeholder('key'),
      used: sql.placeholder('n'),
      pending: 0,
      pending_until: NEVER,
      blocked_until: NEVER,
      expires_at: sql`now() + make_interval(secs => ${sql.placeholder('window_seconds')})`,
    })
    .onConflictDoUpdate({
      target: rateLimits.key,
      set: {
        used: sql`case when ${rateLimits.expires_at} <= now() then 0 else ${rateLimits.used} end + excluded.used`,
        expires_at: sql`case when ${rateLimits.expires_at} <= now() then excluded.expires_at else ${rateLimits.expires_at} end`,
      },
    })
    .returning({ used: rateLimits.used, resets_in_seconds: secondsUntil(rateLimits.expires_at) })
    .prepare('count_event');
}

async function sweep(db: Database, max_failures_in_a_row: number): Promise<void> {
  // Rows that somebody holds are passed over: two sweeps in different orders could else wait for each other.
  await db.execute(sql`
    delete from ${rateLimits} where key in (
      select key from ${rateLimits} where expires_at <= now() and pending_until <= now()
      limit ${SWEEP_ROWS} for update skip locked
    )`);
  await db.execute(sql`
    delete from ${loginFailures} where account_key in (
      select account_key from ${loginFailures}
      where failed_at < now() - make_interval(days => ${FORGET_FAILURES_DAYS}) and in_a_row < ${max_failures_in_a_row}
      limit ${SWEEP_ROWS} for update skip locked
    )`);
}

function settled(policy: Policy, outcome: Outcome): SQL {
  if (outcome === 'cleared') return sql`used = 0, blocked_until = ${NEVER}, expires_at = ${NEVER}`;
  if (outcome === 'refunded') return sql`used = before.used`;
  const isReached = sql`before.used + 1 >= ${policy.limit}`;
  if (policy.first_wait_seconds === undefined) {
    return sql`
      used = before.used + 1, expires_at = before.window_end,
      blocked_until = case when ${isReached} then before.window_end else l.blocked_until end`;
  }
  const doubled = sql`${policy.first_wait_seconds}::float8 * 2 ^ least(before.used + 1 - ${policy.limit}, 30)`;
  const waitEnd = sql`now() + make_interval(secs => least(${doubled}, ${policy.window_seconds}))`;
  return sql`
    used = before.used + 1,
    blocked_until = case when ${isReached} then ${waitEnd} else l.blocked_until end,
    expires_at = case when ${isReached} then ${waitEnd} + ${seconds(policy.window_seconds)} else before.window_end end`;
}

function seconds(n: number): SQL {
  return sql`make_interval(secs => ${sql.raw(String(n))})`;
}

function secondsUntil(instant: SQLWrapper): SQL<number> {
  return sql`extract(epoch from ${instant} - now())::float8`;
}
