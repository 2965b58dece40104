import { and, eq, lte, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { fileRemovals, files } from '../../models/system/files.ts';
import type { Job } from './jobs.ts';

const ROWS_AT_ONCE = 1000;
const OBJECTS_AT_ONCE = 10;
/** An upload that nobody completed is given up after it. */
const HOURS_PENDING = 24;
/** An address of an upload is good for a quarter of an hour, and most uploads take less. */
const MINUTES_OF_MOST_UPLOADS = 30;
/** What is in the hands of another process is not looked for meanwhile. */
const MINUTES_IN_HAND = 5;

/**
 * Deletes uploads that were never completed, and removes the objects of all deleted rows from the storage. An upload may be under
 * way as its row goes, so an object is removed at once, again half an hour after its upload began, and for the last time a day after it.
 * Rejects if the storage does not answer; the next run goes on.
 */
export async function removeOrphans(
  ctx: RequestContext,
  _payload: unknown,
  { signal }: Pick<Job, 'signal'>,
): Promise<void> {
  if (ctx.storage === undefined) return;
  await deleteAbandoned(ctx);
  while (!signal.aborted) {
    const due = await take(ctx);
    const { storage } = ctx;
    const removed = await Promise.allSettled(due.map(({ id }) => storage.remove(id)));
    await settle(
      ctx,
      due.filter((_row, index) => removed[index]?.status === 'fulfilled').map(({ id }) => id),
    );
    for (const outcome of removed) if (outcome.status === 'rejected') throw outcome.reason;
    if (due.length < OBJECTS_AT_ONCE) return;
  }
}

async function deleteAbandoned({ db }: RequestContext): Promise<void> {
  const abandoned = db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.state, 'pending'), sql`${files.created_at} < now() - make_interval(hours => ${HOURS_PENDING})`))
    .limit(ROWS_AT_ONCE)
    .for('update', { skipLocked: true });
  for (;;) {
    const { rowCount } = await db.delete(files).where(sql`${files.id} = any(array(${abandoned}))`);
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return;
  }
}

/** The next objects. Others do not see them until they are settled, or until a process that ended would have been done. */
async function take({ db }: RequestContext): Promise<{ id: string }[]> {
  const due = db
    .select({ id: fileRemovals.id })
    .from(fileRemovals)
    .where(lte(fileRemovals.due_at, sql`now()`))
    .orderBy(fileRemovals.due_at)
    .limit(OBJECTS_AT_ONCE)
    .for('update', { skipLocked: true });
  return db
    .update(fileRemovals)
    .set({ due_at: sql`now() + make_interval(mins => ${MINUTES_IN_HAND})` })
    .where(sql`${fileRemovals.id} = any(array(${due}))`)
    .returning({ id: fileRemovals.id });
}

/** An object that may come again is due once more, after its upload cannot be under way. */
async function settle({ db }: RequestContext, ids: readonly string[]): Promise<void> {
  const isSettled = sql`${fileRemovals.id} = any(${sql.param(ids)}::uuid[])`;
  await db.delete(fileRemovals).where(and(isSettled, lte(fileRemovals.final_at, sql`now()`)));
  const soon = sql`${fileRemovals.final_at} - make_interval(hours => ${HOURS_PENDING}, mins => ${-MINUTES_OF_MOST_UPLOADS})`;
  const due_at = sql`case when now() < ${soon} then ${soon} else ${fileRemovals.final_at} end`;
  await db.update(fileRemovals).set({ due_at }).where(isSettled);
}
