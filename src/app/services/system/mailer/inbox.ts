import type { MailKind } from '../mail-kinds.ts';
import type { Message } from './transport.ts';

/** A mail that was kept instead of sent. */
export interface KeptMail extends Message {
  kind: MailKind;
  created_at: Date;
}

/** The mails of a development server without SMTP_URL, newest first. They are in memory alone. */
export interface Inbox {
  keep: (mail: KeptMail) => void;
  list: () => readonly KeptMail[];
}

const MAX_MAILS = 100;

/** Holds the last hundred mails. */
export function createInbox(): Inbox {
  let mails: KeptMail[] = [];
  return {
    keep: (mail) => {
      // A job that runs again has the same id.
      mails = [mail, ...mails.filter(({ id }) => id !== mail.id)].slice(0, MAX_MAILS);
    },
    list: () => mails,
  };
}
