import { and, asc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import { inTransaction } from '../database.ts';
import { loans } from '../models/loans.ts';
import { exact } from '../utils/exact.ts';
import { enqueue, type Job, jobKind, permanentFailure } from './system/jobs.ts';

/** Every night: a reminder of each loan that is late. */
export const REMIND_ALL = jobKind<Record<string, never>>('loans.remind');
export const REMIND = jobKind<{ loan_id: string }>('loan.remind');

const isLate = and(isNull(loans.returned_at), lt(loans.due_at, sql`now()`));

/** The loans that are late, the oldest first. */
export async function list(ctx: RequestContext): Promise<{ id: string; owner_id: string; due_at: string }[]> {
  const { id, owner_id, due_at } = loans;
  return ctx.db.select({ id, owner_id, due_at }).from(loans).where(isLate).orderBy(asc(due_at)).limit(1000);
}

/** Enqueues one reminder of each late loan, once. */
export async function remindAll(ctx: RequestContext): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const late = await ctx.db
      .update(loans)
      .set(exact(loans, { reminded_at: sql`now()` }))
      .where(and(isLate, isNull(loans.reminded_at)))
      .returning({ id: loans.id });
    for (const { id } of late) await enqueue(ctx, REMIND, { loan_id: id });
  });
}

/** Tells the club's own system of a late loan. It may be told twice, so it gets the id of the job. */
export async function remind(ctx: RequestContext, { loan_id }: { loan_id: string }, job: Job): Promise<void> {
  const [loan] = await ctx.db
    .select({ id: loans.id, owner_id: loans.owner_id, book_id: loans.book_id, due_at: loans.due_at })
    .from(loans)
    .where(and(eq(loans.id, loan_id), isLate));
  if (loan === undefined) return;
  ctx.log.info({ event: 'loan.overdue', loan_id }, 'a loan is late');
  if (ctx.config.overdue_webhook_url === '') return;
  const { status } = await fetch(ctx.config.overdue_webhook_url, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json', 'idempotency-key': job.id },
    body: JSON.stringify(loan),
    signal: job.signal,
  });
  if (status >= 400 && status < 500) throw permanentFailure(`the webhook answered ${status}`);
  if (status >= 300) throw new Error(`the webhook answered ${status}`);
}
