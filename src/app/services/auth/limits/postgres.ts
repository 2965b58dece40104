import { type SQL, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import { atOnce, brief, type Database, inOrder } from '../../../database.ts';
import { loginFailures, rateLimits } from '../../../models/auth/limits.ts';
import { NEVER, prepareCount, prepareCountOfSession, secondsUntil } from './counts.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Outcome, type Permit, type Policy } from './store.ts';

const CLEANUP_ROWS = 10_000;
/** A row of failures is removed after this time without a new failure. */
const FORGET_FAILURES_DAYS = 30;

const LEASE = seconds(LEASE_SECONDS);
/** The locked row `l` without what has expired. */
const USED = sql`case when l.expires_at <= now() then 0 else l.used end`;
const PENDING = sql`case when l.pending_until <= now() then 0 else l.pending end`;

/** Counts in the database: one statement a call, by the database's clock, without session state, so it works behind a transaction pooler. */
export function createPostgresStore(db: Database, config: Pick<Config, 'days_refresh_token_expire'>): LimitStore {
  const count = prepareCount(db);
  const countOfSession = prepareCountOfSession(db, config);
  return {
    acquire: async (policy, key, after) => {
      const { rows } = await (after === undefined
        ? acquire(db, policy, key)
        : atOnce({ db }, async ({ db }) => (await inOrder([acquire(db, policy, key), after(db)]))[0]));
      const { is_granted = false, pending = 0, wait_seconds: waitSeconds = 0 } = rows[0] ?? {};
      if (is_granted) return { state: 'granted', policy, key, pending };
      return waitSeconds > 0 ? { state: 'refused', waitSeconds } : { state: 'busy' };
    },
    release: async (permit, outcome, before) => {
      const { rows } = await (before === undefined
        ? release(db, permit, outcome)
        : atOnce({ db }, async ({ db }) => (await inOrder([before(db), release(db, permit, outcome)]))[1]));
      return rows[0]?.used ?? 0;
    },
    count: async ({ name, windowSeconds }, key, n = 1, origin) => {
      const values = { key: counterKey({ name }, key), n, window_seconds: windowSeconds };
      const [row] = await brief(() =>
        origin === undefined
          ? count.execute(values)
          : countOfSession.execute({ ...values, ...origin, role: origin.role ?? null }),
      );
      return row ?? { used: n, resetsInSeconds: windowSeconds };
    },
    giveBack: async (policy, key) => {
      await db.execute(sql`
        update ${rateLimits} set used = used - 1
        where key = ${counterKey(policy, key)} and used > 0 and expires_at > now()`);
    },
    clear: async (policy, key) => {
      await db.execute(sql`delete from ${rateLimits} where key = ${counterKey(policy, key)}`);
    },
    cleanup: () => cleanup(db),
    close: async () => {},
  };
}

/** Sends the statement: the first part reads the row under its lock, the second only explains a refusal and reads the statement's snapshot. */
function acquire(db: Database, policy: Policy, key: string) {
  return db
    .execute<{ is_granted: boolean; pending: number; wait_seconds: number }>(sql`
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
      where key = ${counterKey(policy, key)} and not exists (select from acquired)`)
    .execute();
}

/** Sends the statement. */
function release(db: Database, { policy, key }: Permit, outcome: Outcome) {
  const first = settled(policy, outcome, { used: sql`0`, expiresAt: NEVER, blockedUntil: NEVER });
  const next = settled(policy, outcome, {
    used: USED,
    expiresAt: sql`l.expires_at`,
    blockedUntil: sql`l.blocked_until`,
  });
  return db
    .execute<{ used: number }>(sql`
      insert into ${rateLimits} as l (key, used, pending, pending_until, blocked_until, expires_at)
      values (${counterKey(policy, key)}, ${first.used}, 0, ${NEVER}, ${first.blockedUntil}, ${first.expiresAt})
      on conflict (key) do update set
        used = ${next.used}, pending = greatest(l.pending - 1, 0),
        blocked_until = ${next.blockedUntil}, expires_at = ${next.expiresAt}
      returning used`)
    .execute();
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
