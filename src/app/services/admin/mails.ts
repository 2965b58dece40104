import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { isMail, type JobRow, jobs, mailKind, mailTo } from '../../models/system/jobs.ts';
import { type EmailAddress, NO_ADDRESS, parseEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { matches } from '../../utils/filters.ts';
import type { Locale } from '../../utils/locales.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import * as records from '../system/job-records.ts';
import { SEND_MAIL } from '../system/mail-queue.ts';

/** What became of a mail. */
export type MailState = 'pending' | 'sent' | 'dead';

/** A mail as administrators see it: neither its text nor a link or code, which stand nowhere. */
export interface Mail extends Pick<JobRow, 'id' | 'attempts' | 'last_error' | 'created_at'> {
  kind: string;
  to: EmailAddress;
  locale: Locale;
  state: MailState;
  sent_at: Date | null;
}

export interface MailFilter extends PageRequest {
  state?: MailState;
  /** The whole address, in any spelling. */
  to?: string;
  kind?: string;
}

/** Literals: a partial index serves no parameter. */
const STATES: Readonly<Record<MailState, SQL>> = {
  pending: sql`${jobs.state} = 'pending'`,
  sent: sql`${jobs.state} = 'done'`,
  dead: sql`${jobs.state} = 'dead'`,
};

const FILTERS = {
  state: (state: MailState) => STATES[state],
  to: (text: string) => sql`${mailTo} = ${parseEmail(text) ?? NO_ADDRESS}`,
  kind: (kind: string) => sql`${mailKind} = ${kind}`,
};

/** Mails, newest first, that match every filter given. A mail that was no longer needed when its turn came counts as sent. */
export async function list(ctx: RequestContext, request: MailFilter): Promise<Page<Mail>> {
  const { id, state, attempts, last_error, created_at, finished_at } = jobs;
  const page = await paginate(
    ctx.db
      .select({
        ...{ id, state, attempts, last_error, created_at, finished_at },
        kind: mailKind,
        to: mailTo,
        locale: sql<Locale>`${jobs.payload} ->> 'locale'`,
      })
      .from(jobs),
    request,
    { where: and(isMail, matches(FILTERS, request)), order: newestFirst(id) },
  );
  return { ...page, items: page.items.map(toMail) };
}

/** Has a dead mail sent again, from its first attempt. Throws mail_not_found, conflict for one that is not dead. */
export async function retry(ctx: RequestContext, id: string): Promise<void> {
  if ((await records.retry(ctx, { id, kind: SEND_MAIL })) > 0) return;
  const [mail] = await ctx.db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.id, id), isMail));
  throw new AppError(mail === undefined ? 'mail_not_found' : 'conflict');
}

function toMail({
  state,
  finished_at,
  ...mail
}: Omit<Mail, 'state' | 'sent_at'> & Pick<JobRow, 'state' | 'finished_at'>): Mail {
  const isSent = state === 'done';
  return { ...mail, state: isSent ? 'sent' : state, sent_at: isSent ? finished_at : null };
}
