import { createHash, createPublicKey, hkdfSync, type webcrypto } from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import type { Config } from '../config.ts';
import { type Algorithm, isShared, privateKey } from '../utils/signing-keys.ts';

export type Claims = Record<string, unknown>;
/** A public key as RFC 7517 writes it. */
export type PublicJwk = webcrypto.JsonWebKey & { kty: string; kid: string; use: 'sig'; alg: Algorithm };
export type TokenType = 'access' | 'refresh';

/** What one key can do with one type of token. */
interface TokenKey {
  algorithm: Algorithm;
  sign: (claims: Claims) => string;
  /** The claims, where the signature is right; throws otherwise. Time and meaning are not looked at. */
  verify: (token: string) => Claims;
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
  return {
    algorithm,
    sign: createSigner({ key: key.sign, algorithm, header }),
    verify: createVerifier({
      key: key.verify,
      algorithms: [algorithm],
      ignoreExpiration: true,
      ignoreNotBefore: true,
      cache: false,
    }),
  };
}

function hkdf(secret: string | Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
}

function keyId(material: Buffer): string {
  return createHash('sha256').update(material).digest('base64url').slice(0, 11);
}
