import * as factors from '../services/auth/factors.ts';
import * as mailRequests from '../services/auth/mail-requests.ts';
import * as mfaChallenges from '../services/auth/mfa-challenges.ts';
import { removeExpired } from '../services/auth/one-time-tokens.ts';
import * as passkeyChallenges from '../services/auth/passkey-challenges.ts';
import * as socialLogin from '../services/auth/social-login.ts';
import { removeOrphans } from '../services/system/file-removals.ts';
import * as records from '../services/system/job-records.ts';
import { handle, type JobTable, jobKind, schedule } from '../services/system/jobs.ts';
import { deliver } from '../services/system/mail-delivery.ts';
import { SEND_MAIL } from '../services/system/mail-queue.ts';

/** Finished jobs are kept as long as people ask what happened to one. */
const DAYS_KEPT = 30;

const PURGE = jobKind<Record<string, never>>('jobs.purge');
const PURGE_TOKENS = jobKind<Record<string, never>>('one_time_tokens.purge');
const PURGE_CHALLENGES = jobKind<Record<string, never>>('mfa_challenges.purge');
const PURGE_FLOWS = jobKind<Record<string, never>>('oauth_flows.purge');
const PURGE_USED = jobKind<Record<string, never>>('used_challenges.purge');
const PURGE_FILES = jobKind<Record<string, never>>('files.purge');
const RESEAL = jobKind<Record<string, never>>('factors.reseal');

/** The background work of the kit. */
export const kitJobs: JobTable = {
  handlers: [
    handle(PURGE, async (ctx) => {
      await records.purge(ctx, { days: DAYS_KEPT });
    }),
    handle(PURGE_TOKENS, removeExpired),
    handle(PURGE_CHALLENGES, mfaChallenges.removeExpired),
    handle(PURGE_FLOWS, socialLogin.removeExpired),
    handle(PURGE_USED, passkeyChallenges.removeExpired),
    handle(PURGE_FILES, removeOrphans),
    handle(RESEAL, async (ctx) => {
      await factors.reseal(ctx);
    }),
    handle(mailRequests.MAIL_REQUEST, mailRequests.answer),
    handle(SEND_MAIL, deliver, { isReady: ({ mailer }) => mailer.canSend, onDead: mailRequests.giveBack }),
  ],
  schedules: [
    schedule('41 * * * *', PURGE, {}),
    schedule('11 * * * *', PURGE_TOKENS, {}),
    schedule('21 * * * *', PURGE_CHALLENGES, {}),
    schedule('51 * * * *', PURGE_FLOWS, {}),
    schedule('31 * * * *', RESEAL, {}),
    schedule('56 * * * *', PURGE_USED, {}),
    schedule('3-59/10 * * * *', PURGE_FILES, {}),
  ],
};
