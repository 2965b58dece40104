import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { ClientInfo } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { type EmailAddress, requireEmail } from '../../utils/emails.ts';
import * as audit from '../system/audit.ts';
import { enqueue, type Job, jobKind } from '../system/jobs.ts';
import type { QueuedMail } from '../system/mail-queue.ts';
import { mailProof, type ProofKind } from './account-mails.ts';
import { findInvitation, remind } from './invitations.ts';
import * as limits from './limits.ts';
import { mailWayBack } from './way-back.ts';

/** A mail that was asked for by an address, whether or not it has an account. */
interface MailRequest {
  kind: ProofKind;
  /** Absent in jobs of releases that counted by the kind alone. */
  counted_as?: string;
  email: EmailAddress;
  request_id: string;
  client: ClientInfo;
}

const EVENTS = {
  reset_password: 'password.reset_requested',
  verify_email: 'email.verification_requested',
  login_code: 'login_code.requested',
} as const;
const DONE_BEFORE = new Error('the request was answered before');
/** Longest Accept-Language and User-Agent that are kept. */
const HEADER_MAX_LENGTH = 255;

/** The job that answers a request by an address. */
export const MAIL_REQUEST = jobKind<MailRequest>('mail.request');

/**
 * Takes a request for a mail. It does the same work for every address: whether there is an account is looked up by the job.
 * Throws rate_limited, validation_failed for no address.
 */
export async function accept(ctx: RequestContext, kind: ProofKind, { email: text }: { email: string }): Promise<void> {
  const email = requireEmail(text);
  const counted_as = await limits.countMail(ctx, kind, email);
  const { ip, user_agent, accept_language } = ctx.client;
  const client = {
    ip,
    user_agent: user_agent?.slice(0, HEADER_MAX_LENGTH) ?? null,
    accept_language: accept_language?.slice(0, HEADER_MAX_LENGTH),
  };
  // Begun beside the answer, its work would tell a stranger who asks this process again whether there is an account.
  const request = { kind, counted_as, email, request_id: ctx.request_id, client };
  await enqueue(ctx, MAIL_REQUEST, request, { wakes: false });
}

/**
 * Has the mail sent if the account may have it, and records it. An invited account gets its invitation again, which alone opens it.
 * A second run for the same job changes nothing.
 */
export async function answer(ctx: RequestContext, request: MailRequest, job: Job): Promise<void> {
  const { kind, counted_as = kind, email, request_id, client } = request;
  const origin = { ...ctx, request_id, client };
  const mailOnce = inTransaction(origin, async (ctx) => {
    const { id, role, locale, is_active, email_verified_at } = users;
    const [user] = await ctx.db
      .select({ id, role, locale, is_active, email_verified_at })
      .from(users)
      .where(and(eq(users.email, email), isOpen))
      .for('update');
    if (user === undefined) return mailWayBack(ctx, email, { dedupeKey: job.id });
    if (!user.is_active) return;
    if (kind === 'verify_email' && user.email_verified_at !== null) return;
    const invitation = kind === 'verify_email' ? undefined : await findInvitation(ctx, user.id);
    const isFirst = await (invitation === undefined
      ? mailProof(ctx, kind, { user: { ...user, email }, dedupeKey: job.id, counted_as })
      : remind(ctx, { ...user, email }, { ...invitation, dedupeKey: job.id }));
    // The token that the first run mailed must stay.
    if (!isFirst) throw DONE_BEFORE;
    await audit.record(ctx, { event: EVENTS[kind], subject_id: user.id });
  });
  await mailOnce.catch((error: unknown) => {
    if (error !== DONE_BEFORE) throw error;
  });
}

/** Gives the mailbox of a dead mail the place in its limit back that the request took. */
export async function giveBack(ctx: RequestContext, { counted_as, to, at }: QueuedMail): Promise<void> {
  if (counted_as !== undefined) await limits.giveBackMail(ctx, counted_as, { email: to, asked_at: new Date(at) });
}
