import { isIP } from 'node:net';
import type { RequestContext } from '../../context.ts';
import type { User } from '../../models/auth/users.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import { type Locale, matchLocale } from '../../utils/locales.ts';
import { deviceName } from '../auth/user-agents.ts';
import { type EnqueueOptions, enqueue, jobKind } from './jobs.ts';
import type { MailKind, Notice, Origin } from './mail-kinds.ts';

/** A mail that waits. It holds the ids of tokens; their links and codes are derived when it is sent, and stand nowhere else. */
export interface QueuedMail {
  kind: MailKind;
  to: EmailAddress;
  locale: Locale;
  /** When it was asked for or happened (ISO 8601). */
  at: string;
  origin?: Origin;
  /** The one-time token whose link, and code, the mail carries. */
  token_id?: string;
  /** The account that the link of "this was not me" secures. */
  secures_user_id?: string;
  new_email?: EmailAddress;
  /** The kind that the mailbox was counted for, if it was: its place comes back if the mail is dead. */
  counted_as?: string;
  invited_by?: EmailAddress;
  /** The name of a factor, passkey or provider, or the new address. */
  subject?: string;
}

/** Whom a mail goes to. */
export type Addressee = Pick<User, 'id' | 'email'> & { locale?: Locale | null };

export const SEND_MAIL = jobKind<QueuedMail>('mail.send');

/**
 * Queues a mail, in the transaction of what it tells of:
 * `await queueMail(ctx, 'verify_email', user, { token_id })`. Its language is the account's, or the request's, or the default.
 * With a `dedupeKey` it is queued once: false if there is one of the same key.
 */
export async function queueMail(
  ctx: RequestContext,
  kind: MailKind,
  to: Addressee,
  more: Pick<QueuedMail, 'token_id' | 'secures_user_id' | 'new_email' | 'counted_as' | 'invited_by' | 'subject'> = {},
  once: Pick<EnqueueOptions, 'dedupeKey'> = {},
): Promise<boolean> {
  const isOwn = ctx.actor === null || ctx.actor.user.id === to.id;
  const { ip, user_agent, accept_language } = ctx.client;
  const mail: QueuedMail = {
    kind,
    to: to.email,
    locale: to.locale ?? (isOwn ? matchLocale(accept_language) : undefined) ?? ctx.config.default_locale,
    at: ctx.clock.now().toISOString(),
    // Where an administrator or the operator was is no business of the account.
    ...(isOwn && isIP(ip) !== 0 && { origin: { ip, device: deviceName(user_agent) } }),
    ...more,
  };
  return (await enqueue(ctx, SEND_MAIL, mail, once)) !== undefined;
}

/**
 * Tells an account what happened to it, in the transaction of the change: `await notify(ctx, 'password.changed', user)`. One
 * statement, and none with SECURITY_MAILS=false. `subject` is the name of the factor, passkey or provider, or the new address.
 */
export async function notify(
  ctx: RequestContext,
  event: Notice,
  user: Addressee,
  { subject }: { subject?: string } = {},
): Promise<void> {
  if (!ctx.config.security_mails) return;
  await queueMail(ctx, `notice.${event}`, user, {
    ...(event !== 'user.deleted' && { secures_user_id: user.id }),
    ...(subject !== undefined && { subject }),
  });
}
