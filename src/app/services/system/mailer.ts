import type { MailConfig } from '../../config.ts';
import type { Core } from '../../core.ts';
import { parseSmtpUrl } from '../../utils/smtp-url.ts';
import type { MailKind } from './mail-kinds.ts';
import { publicUrl, senderOf } from './mail-links.ts';
import { createInbox, type Inbox, type KeptMail as Kept } from './mailer/inbox.ts';
import { createTransport, type Message, type Outcome, type Transport } from './mailer/transport.ts';

/** A mail that was kept instead of sent. */
export type KeptMail = Kept;

/** Where the mails of this process go. */
export interface Mailer {
  /** False in production without SMTP_URL: mails wait. */
  readonly canSend: boolean;
  /** Only in development without SMTP_URL. */
  readonly inbox: Inbox | undefined;
  /** Hands a mail on and counts what became of it. */
  send: (kind: MailKind, message: Message, signal?: AbortSignal) => Promise<Outcome>;
  close: () => void;
}

/** Opens nothing: the server is reached with the first mail. */
export function createMailer({ config, clock, log, metrics }: Core): Mailer {
  const transport = openTransport(config);
  const inbox = transport === undefined && config.environment === 'development' ? createInbox() : undefined;
  const deliver = async (kind: MailKind, message: Message, signal?: AbortSignal): Promise<Outcome> => {
    if (transport !== undefined) return transport.send(message, signal);
    if (inbox === undefined) return { state: 'deferred', reason: 'SMTP_URL is not set' };
    inbox.keep({ ...message, kind, created_at: clock.now() });
    const url = `${publicUrl(config)}/dev/mails`;
    log.info({ event: 'mail.kept', kind, url }, `a mail is kept, since SMTP_URL is not set; read it at ${url}`);
    return { state: 'sent' };
  };
  return {
    canSend: transport !== undefined || inbox !== undefined,
    inbox,
    send: async (kind, message, signal) => {
      const started = performance.now();
      const outcome = await deliver(kind, message, signal);
      metrics.mails_total.inc(outcome.state);
      metrics.mail_duration_seconds.observe((performance.now() - started) / 1000);
      return outcome;
    },
    close: () => transport?.close(),
  };
}

/** The transport of the configuration; `undefined` without SMTP_URL. */
export function openTransport(config: MailConfig): Transport | undefined {
  const url = config.smtp_url?.reveal();
  return url === undefined ? undefined : createTransport(parseSmtpUrl(url), senderOf(config));
}
