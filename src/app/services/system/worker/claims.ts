import { and, eq, sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { type JobRow, jobs } from '../../../models/system/jobs.ts';
import type { Handler } from '../jobs.ts';

/** A job under a lease of this process. */
export type Claimed = Pick<JobRow, 'id' | 'kind' | 'payload' | 'attempts' | 'max_attempts'>;

/** A lease outlives the time of its handler by this, so that the outcome can be written. */
const LEASE_MARGIN_SECONDS = 30;
const RETRY_SECONDS = [10, 60, 300, 1800, 7200, 21_600, 43_200];
const ERROR_MAX_LENGTH = 500;

/**
 * Takes up to `limit` due jobs, the longest due first, under a lease. Only kinds with a handler: during a release the jobs
 * of new code wait for it. No lock is held while they run.
 */
export async function claim({ db }: Pick<Core, 'db'>, handlers: readonly Handler[], limit: number): Promise<Claimed[]> {
  const seconds = handlers.map(({ kind, timeoutSeconds }) => [kind, timeoutSeconds + LEASE_MARGIN_SECONDS] as const);
  const leases = JSON.stringify(Object.fromEntries(seconds));
  const due = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      sql`${jobs.state} = 'pending' and ${jobs.run_at} <= now() and (${jobs.locked_until} is null or ${jobs.locked_until} <= now()) and ${leases}::jsonb ? ${jobs.kind}`,
    )
    .orderBy(jobs.run_at)
    .limit(limit)
    .for('update', { skipLocked: true });
  const { id, kind, payload, attempts, max_attempts } = jobs;
  return (
    db
      .update(jobs)
      .set({
        attempts: sql`${attempts} + 1`,
        locked_until: sql`now() + make_interval(secs => (${leases}::jsonb ->> ${kind})::int)`,
      })
      // An array, since PostgreSQL may run a joined subquery again.
      .where(sql`${id} = any(array(${due}))`)
      .returning({ id, kind, payload, attempts, max_attempts })
  );
}

/** Writes down that these jobs are done, but for those whose lease is another process's by now. */
export async function settleDone({ db }: Pick<Core, 'db'>, done: readonly Claimed[]): Promise<void> {
  const claims = JSON.stringify(Object.fromEntries(done.map(({ id, attempts }) => [id, attempts])));
  const ids = done.map(({ id }) => id);
  await db
    .update(jobs)
    .set({ state: 'done', finished_at: sql`now()`, locked_until: null, last_error: null })
    .where(
      and(
        sql`${jobs.id} = any(${sql.param(ids)}::uuid[])`,
        sql`${jobs.attempts} = (${claims}::jsonb ->> ${jobs.id}::text)::int`,
        eq(jobs.state, 'pending'),
      ),
    );
}

/** Writes down a failure: the job waits for its next attempt, or is dead. */
export async function settleFailed(
  { db }: Pick<Core, 'db'>,
  job: Claimed,
  { error, isFinal }: { error: string; isFinal: boolean },
): Promise<void> {
  const last_error = error.slice(0, ERROR_MAX_LENGTH).replaceAll('\0', '');
  const wait = RETRY_SECONDS[Math.min(job.attempts, RETRY_SECONDS.length) - 1] ?? 0;
  // Up to a tenth more, so that jobs that failed together do not come back together.
  const seconds = wait * (1 + Math.random() / 10);
  await db
    .update(jobs)
    .set(
      isFinal
        ? { last_error, locked_until: null, state: 'dead', finished_at: sql`now()` }
        : { last_error, locked_until: null, run_at: sql`now() + make_interval(secs => ${seconds})` },
    )
    .where(isClaimed(job));
}

/** Gives a job back that was not finished, as if the attempt had not begun. */
export async function release({ db }: Pick<Core, 'db'>, job: Claimed): Promise<void> {
  await db
    .update(jobs)
    .set({ locked_until: null, attempts: job.attempts - 1 })
    .where(isClaimed(job));
}

function isClaimed({ id, attempts }: Claimed) {
  return and(eq(jobs.id, id), eq(jobs.attempts, attempts), eq(jobs.state, 'pending'));
}
