import { setTimeout as sleep } from 'node:timers/promises';
import type { AppContext } from '../../context.ts';
import type { Handler, JobTable } from './jobs.ts';
import { type Claimed, claim } from './worker/claims.ts';
import { PROCESS_ENDS, runJob } from './worker/run.ts';
import { createScheduler } from './worker/schedules.ts';
import { createSettler } from './worker/settler.ts';

/** Works off jobs until it is closed. */
export interface Worker {
  /** Takes no further job and lets those under way finish for some seconds; then they are aborted and given back. */
  close: () => Promise<void>;
}

/** Jobs of one process at once. */
const AT_ONCE = 10;
/** The longest time that a due job waits if nobody wakes the worker. */
const LOOK_EVERY_MS = 1000;
const LOOK_AFTER_FAILURE_MS = 5000;
const SCHEDULE_EVERY_MS = 15_000;
/** Less than a server has for its end. */
const DRAIN_MS = 6000;
/** An aborted job has this long to be given back. */
const GIVE_BACK_MS = 500;

/** Starts to work off the jobs of the table. Throws an Error if two handlers have one kind or a schedule cannot be read. */
export function startWorker(ctx: AppContext, table: JobTable): Worker {
  const runner = createRunner(ctx, table);
  const enqueueScheduled = createScheduler(ctx, table.schedules);
  const closing = new AbortController();
  let nextSchedule = 0;

  const look = async (): Promise<number> => {
    if (performance.now() >= nextSchedule) {
      await enqueueScheduled();
      nextSchedule = performance.now() + SCHEDULE_EVERY_MS;
    }
    // Not by the beat: nobody can tell when the next one is.
    return (await runner.take()) ? Number.POSITIVE_INFINITY : LOOK_EVERY_MS * (0.5 + Math.random() / 2);
  };
  const loop = async (): Promise<void> => {
    let hasFailed = false;
    while (!closing.signal.aborted) {
      const woken = runner.woken();
      try {
        const restMs = await look();
        if (hasFailed) ctx.log.info({ event: 'jobs.resumed' }, 'jobs are worked off again');
        hasFailed = false;
        await rest(restMs, closing.signal, woken);
      } catch (err) {
        if (!hasFailed) ctx.log.warn({ event: 'jobs.failed', err }, 'the jobs cannot be looked up; they wait');
        hasFailed = true;
        await rest(LOOK_AFTER_FAILURE_MS, closing.signal);
      }
    }
  };
  const looping = table.handlers.length > 0 ? loop() : Promise.resolve();
  return {
    close: async () => {
      closing.abort();
      await looping;
      await runner.close();
    },
  };
}

/** Works off what is due, and returns the number of attempts. */
export async function runDueJobs(ctx: AppContext, table: JobTable): Promise<number> {
  const runner = createRunner(ctx, table);
  try {
    for (;;) {
      const woken = runner.woken();
      const isFull = await runner.take();
      if (!isFull && runner.running.size === 0) return runner.taken();
      await woken;
    }
  } finally {
    await runner.close();
  }
}

interface Runner {
  readonly running: ReadonlyMap<Promise<void>, AbortController>;
  /** Claims and starts as many jobs as have room; true if there are probably more. */
  take: () => Promise<boolean>;
  taken: () => number;
  /** Settles when a job has ended or was enqueued. */
  woken: () => Promise<void>;
  close: () => Promise<void>;
}

function createRunner(ctx: AppContext, { handlers }: JobTable): Runner {
  const byKind = new Map<string, Handler>(handlers.map((handler) => [handler.kind, handler]));
  if (byKind.size < handlers.length) throw new Error('two handlers in jobs/index.ts have the same kind');
  const ready = handlers.filter(({ isReady }) => isReady(ctx));
  const settle = createSettler(ctx);
  const running = new Map<Promise<void>, AbortController>();
  let wake = Promise.withResolvers<void>();
  let taken = 0;
  const stopListening = ctx.jobSignal.onWake(() => wake.resolve());

  const start = (job: Claimed): void => {
    const abort = new AbortController();
    const run = runJob(ctx, job, { handler: byKind.get(job.kind), abort, settle });
    running.set(run, abort);
    taken++;
    run.finally(() => {
      running.delete(run);
      wake.resolve();
    });
  };
  return {
    running,
    take: async () => {
      const free = AT_ONCE - running.size;
      if (free === 0) return true;
      const claimed = await claim(ctx, ready, free);
      for (const job of claimed) start(job);
      return claimed.length === free;
    },
    taken: () => taken,
    woken: () => {
      wake = Promise.withResolvers<void>();
      return wake.promise;
    },
    close: async () => {
      stopListening();
      const ended = Promise.all(running.keys());
      await Promise.race([ended, sleep(DRAIN_MS, undefined, { ref: false })]);
      for (const abort of running.values()) abort.abort(PROCESS_ENDS);
      await Promise.race([ended, sleep(GIVE_BACK_MS, undefined, { ref: false })]);
    },
  };
}

/** Waits until one of the three. */
async function rest(ms: number, closing: AbortSignal, woken?: Promise<void>): Promise<void> {
  const over = new AbortController();
  const ends = AbortSignal.any([closing, over.signal]);
  const time = Number.isFinite(ms) ? [sleep(ms, undefined, { signal: ends }).catch(() => {})] : [];
  const closed = new Promise<void>((resolve) => {
    if (ends.aborted) resolve();
    else ends.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([closed, ...time, ...(woken === undefined ? [] : [woken])]);
  over.abort();
}
