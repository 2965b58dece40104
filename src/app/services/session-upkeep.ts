import { lte, sql } from 'drizzle-orm';
import type { AppContext } from '../context.ts';
import { sessions } from '../models/sessions.ts';

/** Removes sessions that are past their absolute end, while the process lives. */
export interface SessionUpkeep {
  /** One round now; gives the number of rows removed. */
  run: () => Promise<number>;
  close: () => void;
}

/** Not at the same moment on every replica. */
const EVERY_MS = 3_600_000;
const AT_ONCE = 1000;

export function createSessionUpkeep({ db, log }: Pick<AppContext, 'db' | 'log'>): SessionUpkeep {
  // Rows that somebody holds are passed over: the next round finds them. As an array, since a joined subquery may be run again.
  const expired = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(lte(sessions.expires_at, sql`now()`))
    .limit(AT_ONCE)
    .for('update', { skipLocked: true });

  const run = async (): Promise<number> => {
    let removed = 0;
    for (let batch = AT_ONCE; batch === AT_ONCE && !closed; removed += batch) {
      const { rowCount } = await db.delete(sessions).where(sql`${sessions.id} = any(array(${expired}))`);
      batch = rowCount ?? 0;
    }
    return removed;
  };

  const round = (): Promise<unknown> =>
    run().catch((err) => log.warn({ event: 'session.upkeep_failed', err }, 'expired sessions were not removed'));

  let closed = false;
  const timer = setInterval(round, EVERY_MS * (0.5 + Math.random())).unref();
  return {
    run,
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
}
