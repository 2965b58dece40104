import { sql } from 'drizzle-orm';
import type { Core } from '../../core.ts';
import { jobs } from '../../models/system/jobs.ts';
import { startPeriodicTask } from '../../utils/periodic-task.ts';

/** How the waiting jobs are. */
export interface JobsStatus {
  pending: number;
  dead: number;
  /** How long the longest due job has waited beyond its time; 0 if none is due. */
  oldest_due_seconds: number;
}

/** Keeps the metrics of the waiting jobs, also in a process that works off none. */
export interface JobWatch {
  close: () => void;
}

const EVERY_MS = 15_000;

/** Looks every few seconds; a look that fails is the next one's to make good. */
export function createJobWatch({ config, db, log, metrics }: Core): JobWatch {
  if (!config.metrics_enabled) return { close: () => {} };
  const look = async (): Promise<void> => {
    const { pending, dead, oldest_due_seconds } = await readStatus({ db });
    metrics.jobs_pending.set(pending);
    metrics.jobs_dead.set(dead);
    metrics.jobs_oldest_due_seconds.set(oldest_due_seconds);
  };
  return startPeriodicTask(look, {
    everyMs: EVERY_MS,
    onFailure: (err) => log.warn({ event: 'jobs.unwatched', err }, 'the waiting jobs could not be counted'),
  });
}

/** Counts the jobs that wait and those that are dead. */
export async function readStatus({ db }: Pick<Core, 'db'>): Promise<JobsStatus> {
  const isFree = sql`(${jobs.locked_until} is null or ${jobs.locked_until} <= now())`;
  const [status] = await db
    .select({
      pending: sql<number>`(count(*) filter (where ${jobs.state} = 'pending'))::int`,
      dead: sql<number>`(count(*) filter (where ${jobs.state} = 'dead'))::int`,
      oldest_due_seconds: sql<number>`coalesce(extract(epoch from now() - min(greatest(${jobs.run_at}, ${jobs.locked_until})) filter (where ${jobs.state} = 'pending' and ${jobs.run_at} <= now() and ${isFree})), 0)::float8`,
    })
    .from(jobs)
    .where(sql`${jobs.state} in ('pending', 'dead')`);
  return status ?? { pending: 0, dead: 0, oldest_due_seconds: 0 };
}
