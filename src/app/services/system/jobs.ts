import { sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import type { Core } from '../../core.ts';
import { afterCommit } from '../../database.ts';
import { jobs } from '../../models/system/jobs.ts';
import { newId } from '../../utils/ids.ts';
import type { JobSignal } from './jobs/signal.ts';

/** The name of a sort of job, which carries the type of its payload. */
export type JobKind<Payload> = string & { readonly payload?: Payload };

/** What a handler learns beside the payload. */
export interface Job {
  /** The same in every attempt, so that an effect elsewhere can be recognised: a Message-ID, an Idempotency-Key. */
  id: string;
  /** 1 in the first attempt. */
  attempt: number;
  /** Aborted when the time is over or the process has to end. */
  signal: AbortSignal;
}

/** The work of one kind. */
export interface Handler {
  kind: string;
  run: (ctx: RequestContext, payload: unknown, job: Job) => Promise<void>;
  timeoutSeconds: number;
  /** Runs once a job is dead; a failure of it is logged and changes nothing. */
  onDead: (ctx: RequestContext, payload: unknown) => Promise<void>;
  /** False in a process that cannot do it yet: its jobs wait. */
  isReady: (ctx: AppContext) => boolean;
}

/** A job that the clock enqueues. */
export interface Schedule {
  cron: string;
  kind: string;
  payload: unknown;
}

/** What the worker of a product does. */
export interface JobTable {
  handlers: readonly Handler[];
  schedules: readonly Schedule[];
}

export interface EnqueueOptions {
  /** Not before this moment; at once if it is absent. */
  runAt?: Date;
  /** A second job of the kind with the same key is not enqueued, for as long as the first one's row is kept. */
  dedupeKey?: string;
  /** Attempts until the job is dead; 8 if it is absent. */
  maxAttempts?: number;
  /** `false` leaves the job to the worker's own look, at a moment that has nothing to do with the request. */
  wakes?: false;
}

const TIMEOUT_SECONDS = 30;
const MAX_ATTEMPTS = 8;

const permanent = new WeakSet<Error>();

/** Names a sort of job: `export const REMIND = jobKind<{ loan_id: string }>('loan.remind')`. A name never changes: rows carry it. */
export function jobKind<Payload>(name: string): JobKind<Payload> {
  return name;
}

/**
 * Has work done later, by any process. Call it in the transaction of the change, so that neither exists without the other:
 * `await enqueue(ctx, REMIND, { loan_id: loan.id }, { runAt })`. Returns the job's id, `undefined` if the key is taken.
 */
export async function enqueue<Payload>(
  ctx: Pick<Core, 'db'> & { jobSignal: JobSignal },
  kind: JobKind<Payload>,
  payload: NoInfer<Payload>,
  { runAt, dedupeKey, maxAttempts = MAX_ATTEMPTS, wakes }: EnqueueOptions = {},
): Promise<string | undefined> {
  const [job] = await ctx.db
    .insert(jobs)
    .values({
      id: newId(),
      kind,
      payload,
      dedupe_key: dedupeKey ?? null,
      run_at: runAt ?? sql`now()`,
      max_attempts: maxAttempts,
    })
    .onConflictDoNothing({ target: [jobs.kind, jobs.dedupe_key] })
    .returning({ id: jobs.id });
  // One for later is found by the worker's own look.
  if (job !== undefined && runAt === undefined && wakes !== false) afterCommit(ctx, ctx.jobSignal.wake);
  return job?.id;
}

/**
 * The work of a kind, for the list in `jobs/index.ts`: `handle(REMIND, remind)`. It can run more than once for one job. After
 * `timeoutSeconds` (30) the attempt counts as failed. A process for which `isReady` is false leaves the kind to others. `onDead`
 * runs after the last attempt failed.
 */
export function handle<Payload>(
  kind: JobKind<Payload>,
  run: (ctx: RequestContext, payload: NoInfer<Payload>, job: Job) => Promise<void>,
  {
    timeoutSeconds = TIMEOUT_SECONDS,
    isReady = () => true,
    onDead = async () => {},
  }: Partial<Pick<Handler, 'timeoutSeconds' | 'isReady'>> & {
    onDead?: (ctx: RequestContext, payload: NoInfer<Payload>) => Promise<void>;
  } = {},
): Handler {
  // `enqueue` wrote the payload under the same kind, and so with the same type.
  return {
    ...{ kind, timeoutSeconds, isReady },
    run: (ctx, payload, job) => run(ctx, payload as Payload, job),
    onDead: (ctx, payload) => onDead(ctx, payload as Payload),
  };
}

/** A job by the clock, in UTC, for the list in `jobs/index.ts`: `schedule('0 6 * * 1', REPORT, {})` is every Monday at six. */
export function schedule<Payload>(cron: string, kind: JobKind<Payload>, payload: NoInfer<Payload>): Schedule {
  return { cron, kind, payload };
}

/** A failure that no later attempt can mend: the job is dead at once. The message is stored. */
export function permanentFailure(message: string): Error {
  const error = new Error(message);
  permanent.add(error);
  return error;
}

/** True for what `permanentFailure` made. */
export function isPermanent(error: unknown): boolean {
  return error instanceof Error && permanent.has(error);
}
