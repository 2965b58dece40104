import { REMIND, REMIND_ALL, remind, remindAll } from '../services/overdue.ts';
import { handle, type JobTable, schedule } from '../services/system/jobs.ts';
import { kitJobs } from './kit.ts';

/** What is done in the background: the work of each kind, and what the clock enqueues. Yours go beside the kit's. */
export const jobs: JobTable = {
  handlers: [...kitJobs.handlers, handle(REMIND_ALL, remindAll), handle(REMIND, remind)],
  schedules: [...kitJobs.schedules, schedule('0 6 * * *', REMIND_ALL, {})],
};
