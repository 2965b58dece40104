import DataLoader from 'dataloader';
import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Database } from '../../../database.ts';
import { isAlive, isOfPresentEpoch, sessions } from '../../../models/auth/sessions.ts';
import { publicUserColumns, type User, users } from '../../../models/auth/users.ts';
import type { Metrics } from '../../../observability/metrics.ts';
import { chargeShared, currentTrace, inTrace, type Trace } from '../../../observability/trace.ts';
import { createBatchScheduler } from '../../../utils/batch-scheduler.ts';

/** A living session with its user, as every protected request reads it. */
export interface LoadedSession {
  session_id: string;
  last_used_at: Date;
  /** By which methods it was proved, separated by spaces. */
  amr: string;
  user: User;
}

/** Finds living sessions by id; lookups of the same moment share one query. Nothing is cached. */
export interface SessionLoader {
  find: (session_id: string) => Promise<LoadedSession | undefined>;
}

interface Lookup {
  id: string;
  /** The request that pays for the query. */
  trace: Trace | undefined;
}

/** Queries under way at once; further lookups gather for the next query. */
const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 500;

export function createSessionLoader({
  db,
  config,
  metrics,
}: {
  db: Database;
  config: Config;
  metrics: Pick<Metrics, 'session_lookup_batch_size'>;
}): SessionLoader {
  const byId = db
    .select({
      session_id: sessions.id,
      last_used_at: sessions.last_used_at,
      amr: sessions.amr,
      user: publicUserColumns,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user_id))
    .where(and(sql`${sessions.id} = any(${sql.placeholder('ids')}::uuid[])`, isOfPresentEpoch, isAlive(config)))
    .prepare();
  const turn = createBatchScheduler(MAX_IN_FLIGHT);

  const load = async (ids: readonly string[]): Promise<Map<string, LoadedSession>> => {
    const rows = await byId.execute({ ids });
    return new Map(rows.map((row) => [row.session_id, row]));
  };

  const loader = new DataLoader<Lookup, LoadedSession | undefined>(
    async (lookups) => {
      const ids = [...new Set(lookups.map(({ id }) => id))];
      metrics.session_lookup_batch_size.observe(ids.length);
      const [first, ...others] = lookups;
      const began = performance.now();
      try {
        // The rows of reads that begin early wait for it in memory.
        const trace = first?.trace && { ...first.trace, is_awaited: true };
        const found = await turn.hold(inTrace(trace, () => load(ids)));
        return lookups.map(({ id }) => found.get(id));
      } finally {
        chargeShared(others, performance.now() - began);
      }
    },
    { cache: false, maxBatchSize: MAX_BATCH, batchScheduleFn: turn.enter },
  );
  return { find: (id) => loader.load({ id, trace: currentTrace() }) };
}
