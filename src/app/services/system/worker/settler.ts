import { setTimeout as sleep } from 'node:timers/promises';
import type { Core } from '../../../core.ts';
import { type Claimed, settleDone } from './claims.ts';

/** Writes an outcome as long as the lease lasts: a database that is away for a moment does not have the work done twice. */
const INSIST_MS = 20_000;
const PAUSE_MS = 500;

/** Gives a function that writes down finished jobs; those of one moment share a statement. */
export function createSettler(ctx: Pick<Core, 'db'>): (job: Claimed) => Promise<void> {
  let batch: { jobs: Claimed[]; written: Promise<void> } | undefined;
  return (job) => {
    if (batch === undefined) {
      const jobs: Claimed[] = [];
      const write = async (): Promise<void> => {
        await new Promise(setImmediate);
        batch = undefined;
        await insist(() => settleDone(ctx, jobs));
      };
      batch = { jobs, written: write() };
    }
    batch.jobs.push(job);
    return batch.written;
  };
}

/** Runs `work` again while it fails, for as long as the lease of a job surely lasts. */
export async function insist(work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + INSIST_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
