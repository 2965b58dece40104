import { jobs } from '../../src/app/jobs/index.ts';
import { runDueJobs } from '../../src/app/services/system/worker.ts';
import type { TestApi } from './api.ts';

/** Works off the jobs of the test's application and gives the number of attempts, mails among them. */
export function workOff(api: TestApi): Promise<number> {
  const handlers = jobs.handlers.filter(({ kind }) => kind === 'mail.send');
  return runDueJobs(api.app.ctx, { handlers, schedules: [] });
}

/** The value of the link's fragment in a text. */
export function tokenIn(text: string): string {
  return /#token=([\w-]+)/.exec(text)?.[1] ?? '';
}
