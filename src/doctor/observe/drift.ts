import { Worker } from 'node:worker_threads';
import type { Difference } from 'pg-revisions';
import type { DatabaseConfig } from '../../app/config.ts';

/** What the thread is given; a Secret does not travel between threads. */
export type DriftRequest = Omit<DatabaseConfig, 'database_url'> & { database_url: string };

/** What the thread says at its end. */
export type DriftAnswer = { differences: Difference[] } | { failure: string };

/** A comparison of models and database under way in a thread of its own. */
export interface Comparison {
  answer: Promise<Difference[]>;
  stop: () => Promise<unknown>;
}

/** How long a comparison that found nothing is good: what changes a table comes with a revision, or by hand. */
const KEPT_MS = 600_000;
const GIVEN_UP_MS = 30_000;
const kept = new WeakMap<DatabaseConfig, { until: number; answer: Promise<Difference[]> }>();

/**
 * For a process that serves: the comparison of the last ten minutes, or the one under way. One that found differences is made
 * again, since an operator mends them.
 */
export function compareLately(config: DatabaseConfig): Comparison {
  const known = kept.get(config);
  const now = performance.now();
  const answer = known !== undefined && now < known.until ? known.answer : compareWithin(config, GIVEN_UP_MS);
  if (answer !== known?.answer) {
    kept.set(config, { until: now + KEPT_MS, answer });
    const forget = (): boolean => kept.delete(config);
    answer.then((differences) => differences.length > 0 && forget(), forget);
  }
  // It goes on for the next one who asks.
  return { answer, stop: async () => undefined };
}

function compareWithin(config: DatabaseConfig, withinMs: number): Promise<Difference[]> {
  const { answer, stop } = startComparison(config);
  const deadline = setTimeout(stop, withinMs).unref();
  return answer.finally(() => {
    clearTimeout(deadline);
    return stop();
  });
}

/** Starts to compare. What it needs takes a second to load, in which nothing else would happen here, no deadline either. */
export function startComparison(config: DatabaseConfig): Comparison {
  const { database_url, database_pooler, database_schema } = config;
  const workerData: DriftRequest = { database_url: database_url.reveal(), database_pooler, database_schema };
  const worker = new Worker(new URL('./drift-thread.ts', import.meta.url), { workerData, stderr: true });
  // Each caller waits with a deadline; the thread alone keeps no process alive.
  worker.unref();
  const answer = new Promise<Difference[]>((resolve, reject) => {
    worker.once('message', (answer: DriftAnswer) => {
      if ('failure' in answer) reject(new Error(answer.failure));
      else resolve(answer.differences);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the comparison ended early')));
  });
  // A caller that stops it before the answer does not wait for the answer.
  answer.catch(() => {});
  return { answer, stop: () => worker.terminate() };
}
