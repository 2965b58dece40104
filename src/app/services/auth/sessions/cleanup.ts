import { sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { sessions } from '../../../models/auth/sessions.ts';
import { startPeriodicTask } from '../../../utils/periodic-task.ts';

/** Removes the rows of expired sessions. */
export interface SessionCleanup {
  /** Removes expired sessions once and returns the number of removed rows. */
  run: () => Promise<number>;
  close: () => void;
}

const EVERY_MS = 60 * 60_000;
const ROWS_AT_ONCE = 1000;
/** Ids carry the application's time, a session's end the database's. The two clocks may differ by this. */
const CLOCKS_APART_DAYS = 1;

/**
 * Runs about every hour, on each replica at another time. An id begins with its time, so the primary key finds the old rows
 * and `expires_at` needs no index. An idle session is kept until its absolute end.
 */
export function createSessionCleanup({ config, db, log }: Pick<Core, 'config' | 'db' | 'log'>): SessionCleanup {
  const days = config.days_session_max + CLOCKS_APART_DAYS;
  const eldest = sql`(lpad(to_hex((extract(epoch from now() - make_interval(days => ${days})) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
  // Locked rows are skipped: another replica or a request removes them. An array, since PostgreSQL may run a joined subquery
  // again.
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

  const task = startPeriodicTask(run, {
    everyMs: EVERY_MS,
    onFailure: (err) => log.warn({ event: 'session.cleanup_failed', err }, 'expired sessions were not removed'),
  });
  return { run, close: task.close };
}
