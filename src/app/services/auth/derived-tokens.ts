import { createHmac, timingSafeEqual } from 'node:crypto';

/** What both forms of a token are derived from; its end is in the row alone. */
export interface Origin {
  id: string;
  user_id: string;
  purpose: string;
  /** The mailbox that it proves; empty if it proves none. */
  email: string;
}

const ID_BYTES = 16;
/** 192 bits. */
const MAC_BYTES = 24;
/** Of a link token: base64url writes six bits a character. */
const LINK_LENGTH = Math.ceil(((ID_BYTES + MAC_BYTES) * 8) / 6);
const CODE_DIGITS = 8;

/** The form that stands in a link: the id and a MAC, as base64url. */
export function linkToken(key: Buffer, origin: Origin): string {
  const mac = macOf(key, 'link', origin).subarray(0, MAC_BYTES);
  return Buffer.concat([Buffer.from(origin.id.replaceAll('-', ''), 'hex'), mac]).toString('base64url');
}

/** The form that people type: eight digits. */
export function codeOf(key: Buffer, origin: Origin): string {
  const number = macOf(key, 'code', origin).readUIntBE(0, 6) % 10 ** CODE_DIGITS;
  return String(number).padStart(CODE_DIGITS, '0');
}

/** The row's id in a link token; `undefined` if the text has not the form of one. It proves nothing yet. */
export function idOfLinkToken(token: string): string | undefined {
  if (token.length !== LINK_LENGTH) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  // One spelling only: of base64url without padding and spare bits.
  if (bytes.toString('base64url') !== token) return undefined;
  return bytes.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Takes the same time for every place of the first difference. */
export function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** No part contains the separator: ids, purposes and canonical addresses have no NUL. */
function macOf(key: Buffer, form: 'link' | 'code', { id, user_id, purpose, email }: Origin): Buffer {
  return createHmac('sha256', key).update([form, purpose, id, user_id, email].join('\0')).digest();
}
