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

/** Starts to compare. What it needs takes a second to load, in which nothing else would happen here, no deadline either. */
export function startComparison(config: DatabaseConfig): Comparison {
  const { database_url, database_pooler, database_schema } = config;
  const workerData: DriftRequest = { database_url: database_url.reveal(), database_pooler, database_schema };
  const worker = new Worker(new URL('./drift-thread.ts', import.meta.url), { workerData, stderr: true });
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
