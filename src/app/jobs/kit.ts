import * as mailRequests from '../services/auth/mail-requests.ts';
import { removeExpired } from '../services/auth/one-time-tokens.ts';
import * as records from '../services/system/job-records.ts';
import { handle, type JobTable, jobKind, schedule } from '../services/system/jobs.ts';
import { deliver } from '../services/system/mail-delivery.ts';
import { SEND_MAIL } from '../services/system/mail-queue.ts';

/** Finished jobs are kept as long as people ask what happened to one. */
const DAYS_KEPT = 30;

const PURGE = jobKind<Record<string, never>>('jobs.purge');
const PURGE_TOKENS = jobKind<Record<string, never>>('one_time_tokens.purge');

/** The background work of the kit. */
export const kitJobs: JobTable = {
  handlers: [
    handle(PURGE, async (ctx) => {
      await records.purge(ctx, { days: DAYS_KEPT });
    }),
    handle(PURGE_TOKENS, removeExpired),
    handle(mailRequests.MAIL_REQUEST, mailRequests.answer),
    handle(SEND_MAIL, deliver, { isReady: ({ mailer }) => mailer.canSend }),
  ],
  schedules: [schedule('41 * * * *', PURGE, {}), schedule('11 * * * *', PURGE_TOKENS, {})],
};
