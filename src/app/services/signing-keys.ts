import {
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
  type webcrypto,
} from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import type { Config } from '../config.ts';
import { type Algorithm, isShared, privateKey } from '../utils/signing-keys.ts';

export type Claims = Record<string, unknown>;
/** A public key as RFC 7517 writes it. */
export type PublicJwk = webcrypto.JsonWebKey & { kty: string; kid: string; use: 'sig'; alg: Algorithm };
export type TokenType = 'access' | 'refresh';

/** What one key can do with one type of token. */
export interface TokenKey {
  algorithm: Algorithm;
  /** The first segment of every token that this key signs. */
  header_segment: string;
  sign: (claims: Claims) => string;
  /** What the token claims, where the signature is right; throws otherwise. The header, time and meaning are not looked at. */
  verify: (token: string) => unknown;
}

export interface SigningKey {
  kid: string;
  access: TokenKey;
  refresh: TokenKey;
  /** What others verify with; `undefined` for a shared secret. */
  public_jwk: PublicJwk | undefined;
}

/** `typ` of each token (RFC 9068 §2.1), so that one type never passes for the other. */
export const TOKEN_TYP: Record<TokenType, string> = { access: 'at+jwt', refresh: 'refresh+jwt' };

/** The current key first, then those that only verify. Each key has exactly one algorithm. */
export function signingKeys(config: Config): [SigningKey, ...SigningKey[]] {
  const { algorithm } = config;
  const previous = config.previous_secret_keys.reveal().map((key) => signingKey(key, algorithm));
  return [signingKey(config.secret_key.reveal(), algorithm), ...previous];
}

function signingKey(secret: string, algorithm: Algorithm): SigningKey {
  if (isShared(algorithm)) {
    const kid = keyId(hkdf(secret, 'back-api key id', 16));
    const key = { sign: Buffer.from(secret), verify: Buffer.from(secret) };
    return {
      kid,
      access: tokenKey(kid, algorithm, 'access', key),
      refresh: tokenKey(kid, algorithm, 'refresh', key),
      public_jwk: undefined,
    };
  }
  const pair = privateKey(secret);
  const pem = pair.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = createPublicKey(pair);
  const kid = keyId(publicKey.export({ type: 'spki', format: 'der' }));
  // A repeated refresh must give the same bytes, which ECDSA and PSS never do; nobody but us reads a refresh token.
  const shared = hkdf(pair.export({ type: 'pkcs8', format: 'der' }), 'back-api refresh tokens', 32);
  const { kty = '', ...jwk } = publicKey.export({ format: 'jwk' });
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    kid,
    access: tokenKey(kid, algorithm, 'access', { sign: pem, verify: spki }),
    refresh: tokenKey(kid, 'HS256', 'refresh', { sign: shared, verify: shared }),
    public_jwk: { ...jwk, kty, kid, use: 'sig', alg: algorithm },
  };
}

function tokenKey(
  kid: string,
  algorithm: Algorithm,
  type: TokenType,
  key: { sign: string | Buffer; verify: string | Buffer },
): TokenKey {
  const header = { alg: algorithm, typ: TOKEN_TYP[type], kid };
  const sign = createSigner({ key: key.sign, algorithm, header });
  const [header_segment = ''] = sign({}).split('.', 1);
  const verify = isShared(algorithm) ? sharedVerifier(algorithm, key.verify) : publicVerifier(algorithm, key.verify);
  return { algorithm, header_segment, sign, verify };
}

/** Half the time that the library takes, which reads a header that the caller has read already. */
function sharedVerifier(algorithm: Algorithm, secret: string | Buffer): TokenKey['verify'] {
  const key = createSecretKey(Buffer.from(secret));
  const hash = algorithm.replace('HS', 'sha');
  return (token) => {
    const [header, payload = '', signature = '', ...rest] = token.split('.');
    const expected = createHmac(hash, key).update(`${header}.${payload}`).digest('base64url');
    if (rest.length > 0 || !isSameText(signature, expected)) throw new Error('the signature is wrong');
    return JSON.parse(Buffer.from(payload, 'base64url').toString());
  };
}

function publicVerifier(algorithm: Algorithm, key: string | Buffer): TokenKey['verify'] {
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    ignoreExpiration: true,
    ignoreNotBefore: true,
    cache: false,
  });
  return (token) => {
    if (!isCanonical(token.slice(token.lastIndexOf('.') + 1))) throw new Error('the signature has spare bits');
    return verify(token);
  };
}

/** Takes the same time wherever the first difference is. */
function isSameText(text: string, expected: string): boolean {
  const [given, right] = [Buffer.from(text), Buffer.from(expected)];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Base64url has spare bits at the end; a signature that differs only there is not the one that we made. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function hkdf(secret: string | Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
}

function keyId(material: Buffer): string {
  return createHash('sha256').update(material).digest('base64url').slice(0, 11);
}
