import type { AppContext } from '../../../context.ts';
import type { Schedule } from '../jobs.ts';
import { enqueue } from '../jobs.ts';
import { parseCron } from './cron.ts';

/** A moment that passed while no process ran is made up for within this time. */
const MAKE_UP_MS = 60 * 60_000;

/**
 * Gives a function that enqueues what the schedules ask for since an hour ago. Every process may call it: the moment is
 * the job's key, so that it exists once. Throws an Error for a schedule that cannot be read.
 */
export function createScheduler(ctx: AppContext, schedules: readonly Schedule[]): () => Promise<void> {
  const crons = schedules.map(({ cron, ...job }) => ({ ...job, expression: cron, cron: parseCron(cron) }));
  /** The moments that this process has enqueued already. */
  const known = new Set<string>();
  return async () => {
    const now = ctx.clock.now();
    const since = new Date(now.getTime() - MAKE_UP_MS);
    for (const { cron, expression, kind, payload } of crons) {
      const moment = cron.latest(now, since);
      if (moment === undefined) continue;
      const dedupeKey = `${expression} ${moment.toISOString()}`;
      const key = `${kind} ${dedupeKey}`;
      if (known.has(key)) continue;
      await enqueue(ctx, kind, payload, { dedupeKey });
      known.add(key);
      // A set keeps the order of insertion: the first one is the oldest.
      if (known.size > crons.length * 2) known.delete(known.values().next().value ?? '');
    }
  };
}
