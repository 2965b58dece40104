import { domainToASCII } from 'node:url';
import { AppError } from './errors.ts';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/**
 * Letters of other scripts are allowed, other signs are not: Node parses a domain as a URL's host, so it decodes `%`, drops
 * line feeds and stops at a slash.
 */
const DOMAIN_AS_WRITTEN = /^[a-z0-9.\u0080-\u{10ffff}-]*$/u;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

/** Longest address that SMTP can carry (RFC 5321 §4.5.3.1.3, less the angle brackets). */
const EMAIL_MAX_LENGTH = 254;

declare const CANONICAL: unique symbol;

/** An address in the one form that is stored and looked up. Only parseEmail and requireEmail make one, at a service's door. */
export type EmailAddress = string & { readonly [CANONICAL]: true };

/** Belongs to no account. A text that is no address is looked up as this one, so that the refusal takes as long. */
export const NO_ADDRESS = '' as EmailAddress;

/**
 * The canonical form of an address: NFKC, trimmed, lower case, domain in Punycode; `undefined` if the text is no address.
 * The local part is ASCII, so that a look-alike letter cannot make a second account.
 */
export function parseEmail(text: string): EmailAddress | undefined {
  if (text.length > 2 * EMAIL_MAX_LENGTH) return undefined;
  const email = text.normalize('NFKC').trim().toLowerCase();
  const at = email.lastIndexOf('@');
  const local = email.slice(0, Math.max(at, 0));
  const written = email.slice(at + 1);
  const domain = DOMAIN_AS_WRITTEN.test(written) ? domainToASCII(written) : '';
  const canonical = `${local}@${domain}`;
  const fits = local.length <= 64 && canonical.length <= EMAIL_MAX_LENGTH;
  // The one place that brands a text.
  return fits && LOCAL_PART.test(local) && DOMAIN.test(domain) ? (canonical as EmailAddress) : undefined;
}

/** The canonical form of the input field `email`; throws validation_failed. */
export function requireEmail(text: string): EmailAddress {
  const email = parseEmail(text);
  if (email !== undefined) return email;
  const rule = { msg: 'value is not a valid email address', type: 'email' };
  throw new AppError('validation_failed', { field: 'email', rule });
}
