import { pino } from 'pino';
import { createAppContext } from '../../src/app/app.ts';
import type { Config } from '../../src/app/config.ts';
import type { AppContext } from '../../src/app/context.ts';
import { type Handler, handle, type Job, jobKind, type Schedule } from '../../src/app/services/system/jobs.ts';
import type { TestApi } from './api.ts';

/** The kind of the tests' jobs. */
export const NOTE = jobKind<{ n: number }>('test.note');

/** A table with one handler of NOTE, that keeps what it was given. */
export function noting(run: (n: number, job: Job) => Promise<void> = async () => {}): {
  table: { handlers: Handler[]; schedules: Schedule[] };
  noted: { n: number; id: string; attempt: number }[];
} {
  const noted: { n: number; id: string; attempt: number }[] = [];
  const handler = handle(
    NOTE,
    async (_ctx, { n }, job) => {
      noted.push({ n, id: job.id, attempt: job.attempt });
      await run(n, job);
    },
    { timeoutSeconds: 1 },
  );
  return { table: { handlers: [handler], schedules: [] }, noted };
}

/** The context of another process on the test's database. */
export function otherProcess(
  api: TestApi,
  settings: Partial<Config> = {},
): { ctx: AppContext; close: () => Promise<void> } {
  return createAppContext({ ...api.config, ...settings }, { log: pino({ level: 'silent' }) });
}

/** Makes every waiting job due, and every lease run out. */
export async function makeDue(api: TestApi): Promise<void> {
  await api.sql(`update jobs set run_at = now() - interval '1 s', locked_until = null where state = 'pending'`);
}
