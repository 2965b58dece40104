import { sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { sessions } from '../../../models/auth/sessions.ts';
import { startPeriodicTask } from '../../../utils/periodic-task.ts';

/** Removes the rows of sessions that have run out; nothing reads them any more. */
export interface SessionCleanup {
  /** One round now; how many rows went. */
  run: () => Promise<number>;
  close: () => void;
}

const EVERY_MS = 60 * 60_000;
const ROWS_AT_ONCE = 1000;
/** Ids carry the application's time, the end of a session the database's: so far may they be apart. */
const CLOCKS_APART_DAYS = 1;

/**
 * Every hour or so, on each replica at a time of its own. The ids begin with the time, so the primary key leads to the old
 * rows and no index on the end is needed; a session that ended by idleness is kept until its absolute end.
 */
export function createSessionCleanup({ config, db, log }: Pick<Core, 'config' | 'db' | 'log'>): SessionCleanup {
  const days = config.days_session_max + CLOCKS_APART_DAYS;
  const eldest = sql`(lpad(to_hex((extract(epoch from now() - make_interval(days => ${days})) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
  // Rows that somebody holds are passed over: another replica sweeps them, or a request ends them. As an array, since a joined
  // subquery may be run again.
  const ended = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(sql`${sessions.id} < ${eldest} and ${sessions.expires_at} <= now()`)
    .orderBy(sessions.id)
    .limit(ROWS_AT_ONCE)
    .for('update', { skipLocked: true });

  const run = async (): Promise<number> => {
    for (let removed = 0; ; ) {
      const { rowCount } = await db.delete(sessions).where(sql`${sessions.id} = any(array(${ended}))`);
      removed += rowCount ?? 0;
      if ((rowCount ?? 0) < ROWS_AT_ONCE) return removed;
    }
  };

  const rounds = startPeriodicTask(run, {
    everyMs: EVERY_MS,
    onFailure: (err) =>
      log.warn({ event: 'session.cleanup_failed', err }, 'sessions that have run out were not removed'),
  });
  return { run, close: rounds.close };
}
