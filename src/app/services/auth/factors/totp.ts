import { createHmac, randomBytes } from 'node:crypto';

/** Seconds of a step (RFC 6238 §4.1, §5.2). */
const STEP_SECONDS = 30;
/** A clock may be off by this many steps either way (RFC 6238 §5.2). */
const SKEW_STEPS = 1;
const DIGITS = 6;
/** The length of an HMAC-SHA-1 key that RFC 4226 §4 recommends. */
const SECRET_BYTES = 20;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret, as authenticator apps read it (RFC 4648 §6, without padding). */
export function newSecret(): string {
  return base32(randomBytes(SECRET_BYTES));
}

/** The code of a step (RFC 4226 §5.3, RFC 6238 §4). */
export function codeOfStep(secret: Buffer, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** The steps whose codes are good at a time, the present one first. */
export function stepsAt(time: Date): number[] {
  const present = Math.floor(time.getTime() / 1000 / STEP_SECONDS);
  const others = Array.from({ length: SKEW_STEPS }, (_, index) => [present - index - 1, present + index + 1]);
  return [present, ...others.flat()].filter((step) => step >= 0);
}

/** The address that a QR code shows to an authenticator app (Key URI format). */
export function otpauthUri({ issuer, account, secret }: { issuer: string; account: string; secret: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const fields = { secret, issuer, algorithm: 'SHA1', digits: String(DIGITS), period: String(STEP_SECONDS) };
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `otpauth://totp/${label}?${query.join('&')}`;
}

/** The bytes of a text that `base32` made. */
export function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}
