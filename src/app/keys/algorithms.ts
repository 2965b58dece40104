import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';

/** The signature algorithms that `ALGORITHM` accepts (RFC 7518, RFC 8037); RS256 only if `ALLOW_RS256` is true. */
export const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** The minimum size of an RSA key in bits: 128 bits of security (NIST SP 800-57, beyond 2030). */
export const RSA_BITS = 3072;

/** A constant of the kit that does not follow the product's name: another label would give every secret another id. */
const KEY_ID_LABEL = 'back-api key id';

const CURVES: Partial<Record<Algorithm, string>> = { ES256: 'prime256v1', ES384: 'secp384r1' };

const PLACEHOLDER =
  /change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|it)|your[-_ ]?(secret|key)|placeholder|<[^>]*>|\.\.\./i;

/** True for `HS256`, `HS384` and `HS512`, whose one key both signs and verifies. */
export function isShared(algorithm: Algorithm): boolean {
  return algorithm.startsWith('HS');
}

/** The minimum length of a shared key in bytes: the size of the hash (RFC 7518 §3.2). */
export function sharedKeyBytes(algorithm: Algorithm): number {
  return Number(algorithm.slice(2)) / 8;
}

/** Derives the id of a key from the key itself, without disclosing a secret. */
export function keyId(key: KeyObject): string {
  const material =
    key.type === 'secret'
      ? Buffer.from(hkdfSync('sha256', key, '', KEY_ID_LABEL, 16))
      : createPublicKey(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(material).digest('base64url').slice(0, 11);
}

/** The private key in a PEM text; `\n` may be written as two characters, as one-line environments need. */
export function privateKey(pem: string): KeyObject {
  return createPrivateKey(pem.replaceAll('\\n', '\n'));
}

/** The problem of a key's text for its algorithm, as the end of a sentence that never repeats the key; `undefined` if there is none. */
export function keyTextProblem(text: string, algorithm: Algorithm): string | undefined {
  return isShared(algorithm) ? secretTextProblem(text, algorithm) : pemProblem(text, algorithm);
}

/** The same for a parsed key. */
export function keyProblem(key: KeyObject, algorithm: Algorithm): string | undefined {
  if (isShared(algorithm)) {
    return key.type === 'secret'
      ? sharedKeyProblem(key.export(), algorithm)
      : `must be a shared secret for ${algorithm}`;
  }
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.type !== 'private') return `must be a private key for ${algorithm}`;
  if (algorithm in CURVES && namedCurve !== CURVES[algorithm])
    return `must be a ${CURVES[algorithm]} key for ${algorithm}`;
  if (algorithm === 'EdDSA' && key.asymmetricKeyType !== 'ed25519') return 'must be an Ed25519 key for EdDSA';
  if (/^[PR]S/.test(algorithm) && (key.asymmetricKeyType !== 'rsa' || modulusLength < RSA_BITS)) {
    return `must be an RSA key of at least ${RSA_BITS} bits for ${algorithm}`;
  }
  return undefined;
}

function secretTextProblem(text: string, algorithm: Algorithm): string | undefined {
  if (text.includes('-----BEGIN')) return `is a PEM key, but ALGORITHM=${algorithm} signs with a shared secret`;
  if (PLACEHOLDER.test(text)) return 'is a placeholder; make a random one with: openssl rand -base64 48';
  return sharedKeyProblem(Buffer.from(text), algorithm);
}

function sharedKeyProblem(key: Buffer, algorithm: Algorithm): string | undefined {
  const least = sharedKeyBytes(algorithm);
  if (key.length < least) {
    return `must be at least ${least} bytes long for ${algorithm}; make one with: openssl rand -base64 ${Math.ceil(least * 1.5)}`;
  }
  // Length does not make a secret: 64 times the same letter can be guessed.
  if (new Set(key).size < 10)
    return 'has fewer than 10 different characters; make a random one with: openssl rand -base64 48';
  return undefined;
}

function pemProblem(pem: string, algorithm: Algorithm): string | undefined {
  try {
    return keyProblem(privateKey(pem), algorithm);
  } catch {
    return `must be a private key in PEM form (PKCS #8) for ${algorithm}`;
  }
}
