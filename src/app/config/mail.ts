import { parseEmail } from '../utils/emails.ts';
import { LOCALES } from '../utils/locales.ts';
import { type Rate, rate } from '../utils/rates.ts';
import { Secret } from '../utils/secret.ts';
import { parseSmtpUrl } from '../utils/smtp-url.ts';
import { boolean, integer, oneOf, setting } from './settings.ts';

/** The settings of mails, verification and recovery; part of SETTINGS. */
export const MAIL_SETTINGS = {
  SMTP_URL: setting<Secret<string> | undefined>({
    section: 'Mail',
    default: '',
    secret: true,
    purpose:
      'Mail server: smtp://user:password@host:587 (STARTTLS, required except on this machine or with ?requireTLS=false) or smtps://user:password@host:465 (TLS); ?ca= names the file of a private authority. Empty: in development mails are in /dev/mails, in production they wait',
    parse: (text) => (text === '' ? undefined : new Secret(smtpUrl(text))),
  }),
  MAIL_FROM: setting<Mailbox | undefined>({
    section: 'Mail',
    default: '',
    purpose:
      'Sender of the mails, such as Example <no-reply@example.com>; empty: the name of the product, and no-reply at the host of PUBLIC_URL',
    parse: mailbox,
  }),
  PUBLIC_URL: setting({
    section: 'Mail',
    default: '',
    purpose:
      'URL at which this API is seen from outside, such as https://api.example.com; links in mails come from it alone. Required in production with SMTP_URL; empty: localhost and PORT',
    parse: publicUrl,
  }),
  APP_URL: setting({
    section: 'Mail',
    default: '',
    purpose: 'URL below which the pages are that links in mails lead to; empty: PUBLIC_URL/account',
    parse: publicUrl,
  }),
  DEFAULT_LOCALE: setting({
    section: 'Mail',
    default: 'en',
    purpose: `Language of a mail if neither the account nor the request names one: ${LOCALES.join(', ')}`,
    parse: oneOf(...LOCALES),
  }),
  SECURITY_MAILS: setting({
    section: 'Mail',
    default: 'true',
    purpose:
      'Mail an account what happens to it: new device, password, address, factor or key changed, session ended, disabled, deleted. The notice with the way back from a changed address is sent in any case',
    parse: boolean,
  }),
  EMAIL_VERIFICATION: setting({
    section: 'Mail',
    default: 'optional',
    purpose:
      'optional: an account works before its address is verified; required: it logs in only afterwards, and a registration tells nobody whether the address has an account',
    parse: oneOf('optional', 'required'),
  }),
  EMAIL_LOGIN: setting({
    section: 'Mail',
    default: 'false',
    purpose: 'Accept a code or a link in a mail as a login',
    parse: boolean,
  }),
  MINUTES_RESET_LINK: setting({
    section: 'Mail',
    default: '60',
    unit: 'minutes',
    purpose: 'Life of a link that sets a new password',
    parse: integer(5, 1440),
  }),
  HOURS_VERIFY_LINK: setting({
    section: 'Mail',
    default: '24',
    unit: 'hours',
    purpose: 'Life of a link that verifies an address or confirms a new one',
    parse: integer(1, 168),
  }),
  MINUTES_CODE: setting({
    section: 'Mail',
    default: '10',
    unit: 'minutes',
    purpose: 'Life of an eight-digit code, and of a link that logs in',
    parse: integer(2, 60),
  }),
  DAYS_INVITATION: setting({
    section: 'Mail',
    default: '7',
    unit: 'days',
    purpose: 'Life of an invitation',
    parse: integer(1, 60),
  }),
  LIMIT_MAILS_PER_MAILBOX: setting<Rate>({
    section: 'Limits',
    default: '5/1h',
    purpose:
      'Mails that can be asked for one address, with or without an account; one a minute of each kind. A known device counts apart. Notices do not count',
    parse: rate,
  }),
  LIMIT_MAILS_PER_IP: setting<Rate>({
    section: 'Limits',
    default: '30/5m',
    purpose: 'Mails asked for from one IPv4 address or IPv6 /64, with those of registrations; wider networks have more',
    parse: rate,
  }),
};

/** One sender: the name that readers see, and the address. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
  toString: () => string;
}

/** What keeps mails from being right, though each setting alone can be used. */
export function* mailProblems(config: {
  readonly environment?: string;
  readonly smtp_url?: Secret<string> | undefined;
  readonly public_url?: string;
}): Generator<string> {
  if (config.environment === 'production' && config.smtp_url !== undefined && config.public_url === '')
    yield 'PUBLIC_URL is required in production with SMTP_URL: the links in mails come from it';
}

function smtpUrl(text: string): string {
  parseSmtpUrl(text);
  return text;
}

/** `Name <address>` or an address alone; `localhost` is a domain too, for servers on this machine. */
function mailbox(text: string): Mailbox | undefined {
  if (text === '') return undefined;
  const [, quoted, plain, inner, bare] = /^(?:"([^"\\]*)"\s*|([^"<>]*?)\s*)<([^<>\s]+)>$|^(\S+)$/.exec(text) ?? [];
  const name = (quoted ?? plain ?? '').trim();
  const written = inner ?? bare ?? '';
  const address = /^[\w.+-]+@localhost$/.test(written) ? written : parseEmail(written);
  if (address === undefined || name.length > 100 || /[\p{Cc}\p{Zl}\p{Zp}"\\<>]/u.test(name))
    throw new Error('must be an address such as no-reply@example.com or Example <no-reply@example.com>');
  return Object.freeze({ name, address, toString: () => (name === '' ? address : `${name} <${address}>`) });
}

/** An http or https URL without its last slash, to which a path can be added; empty: not set. */
function publicUrl(text: string): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain || !/^https?:$/.test(url.protocol) || /[?#\s]/.test(text))
    throw new Error('must be a URL such as https://api.example.com, without query, fragment or password');
  return url.href.replace(/\/+$/, '');
}
