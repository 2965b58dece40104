import type { EmailAddress } from '../../utils/emails.ts';
import { type MailData, type MailKind, NOTICES, type Notice, type NoticeData } from './mail-kinds.ts';

const AT = new Date('2026-11-27T14:05:00Z');
const HOUR_MS = 3_600_000;
/** What stands in a sample's links; it opens nothing. */
export const SAMPLE_TOKEN = 'AZrPq0u4f7mZ3k9sX2c5Vw1nB8eH6jTdLyKgRiOuQ4oSxEbMfNp7ZtCvDhWa';
const NEW_ADDRESS = 'ada.lovelace@example.org' as EmailAddress;

const occasion = { at: AT, origin: { ip: '203.0.113.7', device: 'Firefox on Windows' } };

/** What a sample says for the part of a notice that differs. */
const SUBJECTS: Partial<Record<Notice, string>> = {
  'email.changed': NEW_ADDRESS,
  'factor.added': 'Phone',
  'factor.removed': 'Phone',
  'passkey.added': 'iCloud Keychain',
  'passkey.removed': 'iCloud Keychain',
  'identity.linked': 'Google',
  'identity.unlinked': 'Google',
};

/** Made-up data of every kind of mail, with links below `url` that open nothing. */
export function sampleData(url: string): { readonly [Kind in MailKind]: MailData[Kind] } {
  const way = (page: string, hours: number) => ({
    link: `${url}/${page}#token=${SAMPLE_TOKEN}`,
    link_until: new Date(AT.getTime() + hours * HOUR_MS),
  });
  const proof = (page: string, hours: number) => ({
    ...occasion,
    ...way(page, hours),
    code: { digits: '48120957', until: new Date(AT.getTime() + HOUR_MS / 6) },
  });
  const secure = way('secure-account', 7 * 24);
  const notices = NOTICES.map((event): [string, NoticeData] => {
    const subject = SUBJECTS[event];
    return [
      `notice.${event}`,
      { ...occasion, ...(event !== 'user.deleted' && { secure }), ...(subject !== undefined && { subject }) },
    ];
  });
  return {
    reset_password: proof('reset-password', 1),
    verify_email: proof('verify', 24),
    confirm_email_change: proof('confirm-email-change', 24),
    email_change_notice: { ...occasion, new_email: NEW_ADDRESS, undo: way('undo-email-change', 7 * 24), secure },
    invitation: { ...way('accept-invitation', 7 * 24), invited_by: 'grace@example.com' as EmailAddress },
    login_code: proof('login-code', 1 / 6),
    address_taken: { ...occasion, link: url },
    test: { at: AT, link: url },
    // One entry for each notice.
    ...(Object.fromEntries(notices) as { readonly [Event in Notice as `notice.${Event}`]: NoticeData }),
  };
}
