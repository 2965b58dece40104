import { createHmac } from 'node:crypto';
import { SECRET_KEY } from './api.ts';

/** A part of a JWT. */
export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT of any header and claims, signed with the tests' key or another one. */
export function sign(header: object, claims: object, key: string | Buffer = SECRET_KEY): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}
