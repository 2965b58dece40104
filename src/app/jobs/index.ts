import type { JobTable } from '../services/system/jobs.ts';
import { kitJobs } from './kit.ts';

/** What is done in the background: the work of each kind, and what the clock enqueues. Yours go beside the kit's. */
export const jobs: JobTable = {
  handlers: [...kitJobs.handlers],
  schedules: [...kitJobs.schedules],
};
