import type { AppContext, RequestContext } from '../../../context.ts';
import { type Handler, isPermanent } from '../jobs.ts';
import { type Claimed, release, settleFailed } from './claims.ts';
import { insist } from './settler.ts';

/** How a job is run. */
export interface Run {
  handler: Handler | undefined;
  abort: AbortController;
  settle: (job: Claimed) => Promise<void>;
}

/** The reason of an abort after which the job is given back as it was. */
export const PROCESS_ENDS = new Error('the process ends');

/** Runs a job once and writes its outcome down. Never rejects: what could not be written is done again after the lease. */
export async function runJob(ctx: AppContext, job: Claimed, { handler, abort, settle }: Run): Promise<void> {
  try {
    const failure = await attempt(ctx, job, { handler, abort });
    if (failure === undefined) {
      await settle(job);
      ctx.jobSignal.count(job.kind, 'done');
    } else if (abort.signal.reason === PROCESS_ENDS) await release(ctx, job);
    else await fail(ctx, job, { handler, err: failure.error });
  } catch (err) {
    ctx.log.warn(
      { event: 'job.unsettled', job_id: job.id, kind: job.kind, err },
      'the outcome of a job is not written; it runs again',
    );
  }
}

async function attempt(
  ctx: AppContext,
  job: Claimed,
  { handler, abort }: Pick<Run, 'handler' | 'abort'>,
): Promise<{ error: unknown } | undefined> {
  const { id, attempts, max_attempts, payload } = job;
  // The lease of the last attempt ran out: its process ended in it.
  if (attempts > max_attempts || handler === undefined)
    return { error: new Error('the process ended in the last attempt') };
  const { timeoutSeconds } = handler;
  const timer = setTimeout(() => abort.abort(new Error(`not done within ${timeoutSeconds} s`)), timeoutSeconds * 1000);
  const { signal } = abort;
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason));
  try {
    const work = handler.run(contextOf(ctx, id), payload, { id, attempt: attempts, signal });
    await Promise.race([work, aborted.promise]);
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** A job acts for nobody: its records have no actor, and its id leads from them to it. */
function contextOf(ctx: AppContext, id: string): RequestContext {
  return { ...ctx, request_id: id, client: { ip: 'local', user_agent: null }, actor: null, reportQuota: () => {} };
}

async function fail(
  ctx: AppContext,
  job: Claimed,
  { handler, err }: { handler: Handler | undefined; err: unknown },
): Promise<void> {
  const isFinal = isPermanent(err) || job.attempts >= job.max_attempts;
  const { id: job_id, kind, attempts: attempt } = job;
  const entry = { job_id, kind, attempt, err };
  if (isFinal) ctx.log.error({ event: 'job.dead', ...entry }, 'a job is dead');
  else ctx.log.warn({ event: 'job.failed', ...entry }, 'a job failed and runs again');
  const error = err instanceof Error ? err.message : String(err);
  await insist(() => settleFailed(ctx, job, { error, isFinal }));
  ctx.jobSignal.count(kind, isFinal ? 'dead' : 'retried');
  if (isFinal)
    await handler?.onDead(contextOf(ctx, job_id), job.payload).catch((err: unknown) => logUnanswered(ctx, entry, err));
}

/** The job is dead all the same. */
function logUnanswered(ctx: AppContext, entry: { job_id: string; kind: string }, err: unknown): void {
  ctx.log.warn({ event: 'job.death_unanswered', ...entry, err }, 'what follows the end of a dead job failed');
}
