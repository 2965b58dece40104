import { eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { TokenPurpose } from '../../models/auth/one-time-tokens.ts';
import { users } from '../../models/auth/users.ts';
import * as limits from '../auth/limits.ts';
import * as oneTimeTokens from '../auth/one-time-tokens.ts';
import { type Job, permanentFailure } from './jobs.ts';
import { renderMail } from './mail.ts';
import {
  type MailData,
  type MailKind,
  NOTICES,
  type Notice,
  type NoticeData,
  type Occasion,
  type Proof,
  type Way,
} from './mail-kinds.ts';
import { appUrl, type LinkPage, tokenLink } from './mail-links.ts';
import type { QueuedMail } from './mail-queue.ts';

const SECURE_LINK_SECONDS = 7 * 86_400;

/** Where the link of a purpose leads. */
const PAGES: Readonly<Record<TokenPurpose, LinkPage>> = {
  reset_password: 'reset-password',
  verify_email: 'verify',
  confirm_email_change: 'confirm-email-change',
  invitation: 'accept-invitation',
  login_code: 'login-code',
  undo_email_change: 'undo-email-change',
  secure_account: 'secure-account',
};

/**
 * Writes a queued mail and hands it to the mail server: the work of `mail.send`. A mail whose token is void meanwhile is not sent,
 * and neither is one that tells a mailbox of its account too often. Throws if the server does not take it, a permanent failure if
 * it never will.
 */
export async function deliver(ctx: RequestContext, mail: QueuedMail, { id, attempt, signal }: Job): Promise<void> {
  if (attempt === 1 && tells(mail) && !(await limits.mayTell(ctx, mail.kind, mail.to))) {
    ctx.log.warn({ event: 'mail.withheld', kind: mail.kind, job: id }, 'a mailbox was told of its account too often');
    return;
  }
  const send = await write(ctx, mail.kind, mail);
  if (send === undefined) return;
  const outcome = await ctx.mailer.send(mail.kind, { id, to: mail.to, ...send }, signal);
  if (outcome.state === 'rejected') throw permanentFailure(outcome.reason);
  if (outcome.state === 'deferred') throw new Error(outcome.reason);
}

/** True for a mail that nobody asked for by an address, and that a person could cause without end. */
function tells({ kind, counted_as }: QueuedMail): boolean {
  const isNotice = kind.startsWith('notice.') || kind === 'email_change_notice';
  return isNotice || (kind === 'verify_email' && counted_as === undefined);
}

async function write<Kind extends MailKind>(
  ctx: RequestContext,
  kind: Kind,
  mail: QueuedMail,
): Promise<ReturnType<typeof renderMail> | undefined> {
  const data = await SOURCES[kind](ctx, mail);
  return data && renderMail(kind, mail.locale, data);
}

type Sources = {
  readonly [Kind in MailKind]: (ctx: RequestContext, mail: QueuedMail) => Promise<MailData[Kind] | undefined>;
};

const SOURCES: Sources = {
  reset_password: proved,
  verify_email: proved,
  confirm_email_change: proved,
  login_code: proved,
  email_change_notice: async (ctx, mail) => {
    const undo = await findProof(ctx, mail, mail.token_id);
    const secure = await issueSecureWay(ctx, mail);
    if (undo === undefined || secure === undefined || mail.new_email === undefined) return undefined;
    return { ...occasionOf(mail), new_email: mail.new_email, undo, secure };
  },
  invitation: async (ctx, mail) => {
    const way = await findProof(ctx, mail, mail.token_id);
    return way && { ...way, invited_by: mail.invited_by };
  },
  address_taken: async (ctx, mail) => ({ ...occasionOf(mail), link: appUrl(ctx.config) }),
  test: async (ctx, { at }) => ({ at: new Date(at), link: appUrl(ctx.config) }),
  ...noticeSources(),
};

function noticeSources(): Pick<Sources, `notice.${Notice}`> {
  const source = async (ctx: RequestContext, mail: QueuedMail): Promise<NoticeData> => {
    const secure = await issueSecureWay(ctx, mail);
    return {
      ...occasionOf(mail),
      ...(secure && { secure }),
      ...(mail.subject !== undefined && { subject: mail.subject }),
    };
  };
  // Every notice is made of the same.
  return Object.fromEntries(NOTICES.map((event) => [`notice.${event}`, source])) as Pick<Sources, `notice.${Notice}`>;
}

async function proved(ctx: RequestContext, mail: QueuedMail): Promise<(Occasion & Proof) | undefined> {
  const proof = await findProof(ctx, mail, mail.token_id);
  return proof && { ...occasionOf(mail), ...proof };
}

/** Both forms of the token, as long as it lives. */
async function findProof(
  ctx: RequestContext,
  { locale }: QueuedMail,
  token_id: string | undefined,
): Promise<Proof | undefined> {
  const token = token_id === undefined ? undefined : await oneTimeTokens.derive(ctx, token_id);
  if (token === undefined) return undefined;
  const { purpose, expires_at, code, code_expires_at } = token;
  return {
    link: tokenLink(ctx.config, { page: PAGES[purpose], token: token.token.reveal(), locale }),
    link_until: expires_at,
    ...(code !== undefined && code_expires_at !== null && { code: { digits: code.reveal(), until: code_expires_at } }),
  };
}

/** Made when the mail is sent, so that the change itself needs no further statement. Whose account is gone has nothing to secure. */
async function issueSecureWay(ctx: RequestContext, mail: QueuedMail): Promise<Way | undefined> {
  const { secures_user_id } = mail;
  if (secures_user_id === undefined) return undefined;
  const [user] = await ctx.db.select({ id: users.id }).from(users).where(eq(users.id, secures_user_id));
  if (user === undefined) return undefined;
  const token = {
    user_id: user.id,
    purpose: 'secure_account',
    email: mail.to,
    lifeSeconds: SECURE_LINK_SECONDS,
  } as const;
  return findProof(ctx, mail, await oneTimeTokens.issue(ctx, token));
}

function occasionOf({ at, origin }: QueuedMail): Occasion {
  return { at: new Date(at), origin };
}
