import { inArray, sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import type { Database } from '../../../database.ts';
import { sessions } from '../../../models/auth/sessions.ts';
import { inTrace } from '../../../observability/trace.ts';

/** Keeps `last_used_at` exact to the minute without a write per request. */
export interface SessionActivity {
  /** Records a use; writes nothing if the last use is less than a minute old. Never throws. */
  note: (session_id: string, last_used_at: Date) => void;
  /** Writes all recorded uses; called at the end of the process. */
  flush: () => Promise<void>;
}

const RESOLUTION_MS = 60_000;
const GATHER_MS = 1000;

export function createSessionActivity({ db, clock, log }: Pick<Core, 'db' | 'clock' | 'log'>): SessionActivity {
  const used = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const ids = [...used];
    used.clear();
    if (ids.length > 0)
      await write(db, ids).catch((error) =>
        log.warn({ event: 'session.activity_lost', err: error }, 'last use of sessions was not written'),
      );
  };

  return {
    note: (session_id, last_used_at) => {
      if (clock.now().getTime() - last_used_at.getTime() < RESOLUTION_MS) return;
      used.add(session_id);
      // The write serves many requests, after all of them have ended.
      timer ??= inTrace(undefined, () => setTimeout(flush, GATHER_MS).unref());
    },
    flush,
  };
}

/** Locked rows are skipped: a lock wait could deadlock with a refresh, and a row that is being changed is fresh. */
async function write(db: Database, ids: string[]): Promise<void> {
  const free = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(inArray(sessions.id, ids))
    .for('update', { skipLocked: true });
  await db.update(sessions).set({ last_used_at: sql`now()` }).where(inArray(sessions.id, free));
}
