import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { AppContext } from '../../context.ts';
import type { Core } from '../../core.ts';
import { afterCommit } from '../../database.ts';
import { type JobRow, type JobState, jobs } from '../../models/system/jobs.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import { type AuditContext, recordChange } from './audit.ts';

export interface JobFilter extends PageRequest {
  state?: JobState;
  kind?: string;
}

const ROWS_AT_ONCE = 1000;

/** Jobs, newest first, that match every filter given. */
export async function list(ctx: Pick<Core, 'db'>, { state, kind, ...request }: JobFilter): Promise<Page<JobRow>> {
  const where = and(
    state === undefined ? undefined : eq(jobs.state, state),
    kind === undefined ? undefined : eq(jobs.kind, kind),
  );
  return paginate(ctx.db.select().from(jobs), request, { where, order: newestFirst(jobs.id) });
}

/** The job with this id. */
export async function find({ db }: Pick<Core, 'db'>, id: string): Promise<JobRow | undefined> {
  const [job] = await db.select().from(jobs).where(eq(jobs.id, id));
  return job;
}

/** Has dead jobs tried again from their first attempt: one by its id, or all, or all of a kind. Records and returns their number. */
export async function retry(
  ctx: AuditContext & Pick<AppContext, 'jobSignal'>,
  { id, kind }: { id?: string; kind?: string },
): Promise<number> {
  const chosen: (SQL | undefined)[] = [
    id === undefined ? undefined : eq(jobs.id, id),
    kind === undefined ? undefined : eq(jobs.kind, kind),
  ];
  const change = ctx.db
    .update(jobs)
    .set({ state: 'pending', attempts: 0, run_at: sql`now()`, finished_at: null })
    .where(and(eq(jobs.state, 'dead'), ...chosen))
    .returning({ id: jobs.id });
  const retried = await recordChange(ctx, change, {
    ...{ event: 'job.retried', subject_id: null, count_as: 'count' },
    details: { ...(id !== undefined && { job_id: id }), ...(kind !== undefined && { kind }) },
  });
  if (retried.length > 0) afterCommit(ctx, ctx.jobSignal.wake);
  return retried.length;
}

/** Removes the jobs that were done more than `days` ago, dead ones only if asked for, and returns their number. */
export async function purge(
  { db }: Pick<Core, 'db'>,
  { days, state = 'done' }: { days: number; state?: 'done' | 'dead' },
): Promise<number> {
  // Rows that another process removes are skipped.
  const old = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(sql`${jobs.state} = ${state} and ${jobs.finished_at} < now() - make_interval(days => ${days})`)
    .limit(ROWS_AT_ONCE)
    .for('update', { skipLocked: true });
  for (let removed = 0; ; ) {
    const { rowCount } = await db.delete(jobs).where(sql`${jobs.id} = any(array(${old}))`);
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return removed;
  }
}
