import { isUtf8 } from 'node:buffer';
import {
  createHmac,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
  type webcrypto,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { type Algorithm, isShared, keyId } from '../../../keys/algorithms.ts';
import { later, onFirstUse } from '../../../utils/later.ts';

export type Claims = Record<string, unknown>;
/** A public key as RFC 7517 writes it. */
export type PublicJwk = webcrypto.JsonWebKey & { kty: string; kid: string; use: 'sig'; alg: Algorithm };
export type TokenType = 'access' | 'refresh';

/** One key, used for one type of token. */
export interface TokenKey {
  algorithm: Algorithm;
  /** The first segment of every token that this key signs. */
  header_segment: string;
  sign: (claims: Claims) => string;
  /** The claims, if the signature is right; throws otherwise. Does not check the header, the times or the meaning. */
  verify: (token: string) => unknown;
}

export interface SigningKey {
  kid: string | undefined;
  access: TokenKey;
  refresh: TokenKey;
  /** What one-time tokens are derived by, and its id in their rows, which a key without `kid` has too. */
  one_time: { id: string; secret: Buffer };
  /** What the secrets of authenticator apps are encrypted by; `one_time.id` names it in their rows too. */
  sealing: Buffer;
  /** What others verify with; `undefined` for a shared secret. */
  public_jwk: PublicJwk | undefined;
}

const require = createRequire(import.meta.url);
const jwt = later(() => require('fast-jwt') as typeof import('fast-jwt'));

/** `typ` of each token (RFC 9068 §2.1), so that one type never passes for the other. */
export const TOKEN_TYP: Record<TokenType, string> = { access: 'at+jwt', refresh: 'refresh+jwt' };

/** A constant of the kit that does not follow the product's name: another label would end every session. */
const REFRESH_KEY_LABEL = 'back-api refresh tokens';
/** The same: another label would make every mailed link void. */
const ONE_TIME_KEY_LABEL = 'one-time tokens';
/** The same: another label would make every authenticator app useless. */
const SEALING_KEY_LABEL = 'sealed factor secrets';
/** Tokens per key; about a kilobyte each. */
const REMEMBERED = 4096;
/** Of a token's end, which is its signature's. */
const HASHED_CHARACTERS = 32;

/** The parts of a key. Each key has exactly one algorithm. */
export interface KeyMaterial {
  algorithm: Algorithm;
  key: KeyObject;
  /** Stands in the header of its tokens; `undefined` leaves the header without one. */
  kid: string | undefined;
}

/** Signs and verifies both types of token with one key. */
export function signingKey({ algorithm, key, kid }: KeyMaterial): SigningKey {
  const one_time = { id: keyId(key), secret: derivedSecret(key, ONE_TIME_KEY_LABEL) };
  const sealing = derivedSecret(key, SEALING_KEY_LABEL);
  if (isShared(algorithm)) {
    const bytes = key.export();
    const shared = { algorithm, kid, sign: bytes, verify: bytes };
    const pair = { access: tokenKey('access', shared), refresh: tokenKey('refresh', shared) };
    return { kid, ...pair, one_time, sealing, public_jwk: undefined };
  }
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = createPublicKey(key);
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  // A repeated refresh must give the same bytes, which ECDSA and PSS never do; only this API reads a refresh token.
  const derived = hkdfSync('sha256', key.export({ type: 'pkcs8', format: 'der' }), '', REFRESH_KEY_LABEL, 32);
  const shared = Buffer.from(derived);
  const { kty = '', ...jwk } = publicKey.export({ format: 'jwk' });
  return {
    kid,
    access: tokenKey('access', { algorithm, kid, sign: pem, verify: spki }),
    refresh: tokenKey('refresh', { algorithm: 'HS256', kid, sign: shared, verify: shared }),
    one_time,
    sealing,
    public_jwk: { ...jwk, kty, kid: kid ?? keyId(key), use: 'sig', alg: algorithm },
  };
}

function derivedSecret(key: KeyObject, label: string): Buffer {
  const material = key.type === 'secret' ? key.export() : key.export({ type: 'pkcs8', format: 'der' });
  return Buffer.from(hkdfSync('sha256', material, '', label, 32));
}

interface TokenKeyMaterial {
  algorithm: Algorithm;
  kid: string | undefined;
  sign: string | Buffer;
  verify: string | Buffer;
}

function tokenKey(type: TokenType, { algorithm, kid, sign: key, verify: verifyKey }: TokenKeyMaterial): TokenKey {
  const header = { alg: algorithm, typ: TOKEN_TYP[type], ...(kid !== undefined && { kid }) };
  const signer = onFirstUse(() => jwt().createSigner({ key, algorithm, header }));
  const segment = onFirstUse(() => signer()({}).split('.', 1)[0] ?? '');
  const verifier = isShared(algorithm) ? sharedVerifier(algorithm, verifyKey) : publicVerifier(algorithm, verifyKey);
  const check: TokenKey['verify'] = (token) => {
    requireOneSpelling(token);
    return verifier(token);
  };
  // An access token comes with every request for an hour, a refresh token once.
  return {
    algorithm,
    get header_segment() {
      return segment();
    },
    sign: (claims) => signer()(claims),
    verify: type === 'access' ? remembering(check) : check,
  };
}

/**
 * Caches the latest tokens with a right signature: a signature stays right, and the cache ends with its key. Expiry and
 * session are not cached; they are checked each time.
 */
function remembering(check: TokenKey['verify']): TokenKey['verify'] {
  const verified = new Map<string, { token: string; claims: unknown }>();
  return (token) => {
    // Hashing the whole text takes longer than comparing it.
    const end = token.slice(-HASHED_CHARACTERS);
    const known = verified.get(end);
    if (known?.token === token) return known.claims;
    const claims = Object.freeze(check(token));
    const [oldest] = verified.size < REMEMBERED ? [] : verified.keys();
    if (oldest !== undefined) verified.delete(oldest);
    verified.set(end, { token, claims });
    return claims;
  };
}

/** Takes half the time of the library, which reads the header again. */
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
  const verifier = onFirstUse(() =>
    jwt().createVerifier({
      key,
      algorithms: [algorithm],
      ignoreExpiration: true,
      ignoreNotBefore: true,
      cache: false,
    }),
  );
  return (token) => verifier()(token);
}

/** Takes the same time for every position of the first difference. */
function isSameText(text: string, expected: string): boolean {
  const [given, right] = [Buffer.from(text), Buffer.from(expected)];
  return given.length === right.length && timingSafeEqual(given, right);
}

/**
 * A signed token has one spelling (RFC 7515 §2, RFC 4648 §3.5): base64url without padding, white space or spare bits, over
 * UTF-8. Otherwise one token has several texts, and what is remembered or blocked by its text has a way round.
 */
function requireOneSpelling(token: string): void {
  const segments = token.split('.');
  const [header, payload] = segments.map((segment) => {
    const bytes = Buffer.from(segment, 'base64url');
    if (segment === '' || bytes.toString('base64url') !== segment) throw new Error('the base64url is not canonical');
    return bytes;
  });
  if (segments.length !== 3 || !header || !payload || !isUtf8(header) || !isUtf8(payload))
    throw new Error('the token is not UTF-8 in three segments');
}
