import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The signature algorithms that `ALGORITHM` accepts (RFC 7518, RFC 8037). */
export const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'ES256', 'ES384', 'EdDSA', 'PS256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Least bytes of a shared key: the size of the hash (RFC 7518 §3.2). */
const SHARED_KEY_BYTES: Partial<Record<Algorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };

const CURVES: Partial<Record<Algorithm, string>> = { ES256: 'prime256v1', ES384: 'secp384r1' };

const PLACEHOLDER =
  /change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|it)|your[-_ ]?(secret|key)|placeholder|<[^>]*>|\.\.\./i;

/** True for `HS256`, `HS384` and `HS512`, whose one key both signs and verifies. */
export function isShared(algorithm: Algorithm): boolean {
  return algorithm.startsWith('HS');
}

/** The private key in a PEM text; `\n` may be written as two characters, as one-line environments need. */
export function privateKey(pem: string): KeyObject {
  return createPrivateKey(pem.replaceAll('\\n', '\n'));
}

/** What is wrong with a key for its algorithm, as the end of a sentence that never repeats the key; else `undefined`. */
export function keyProblem(key: string, algorithm: Algorithm): string | undefined {
  return isShared(algorithm) ? sharedKeyProblem(key, algorithm) : privateKeyProblem(key, algorithm);
}

function sharedKeyProblem(key: string, algorithm: Algorithm): string | undefined {
  const least = SHARED_KEY_BYTES[algorithm] ?? 32;
  if (key.includes('-----BEGIN')) return `is a PEM key, but ALGORITHM=${algorithm} signs with a shared secret`;
  if (PLACEHOLDER.test(key)) return 'is a placeholder; make a random one with: openssl rand -base64 48';
  if (Buffer.byteLength(key) < least) {
    return `must be at least ${least} bytes long for ${algorithm}; make one with: openssl rand -base64 ${Math.ceil(least * 1.5)}`;
  }
  // A guessable key is as good as none: 64 times the same letter is long, and no secret.
  if (new Set(key).size < 10)
    return 'has fewer than 10 different characters; make a random one with: openssl rand -base64 48';
  return undefined;
}

function privateKeyProblem(pem: string, algorithm: Algorithm): string | undefined {
  let key: KeyObject;
  try {
    key = privateKey(pem);
    createPublicKey(key);
  } catch {
    return `must be a private key in PEM form (PKCS #8) for ${algorithm}`;
  }
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (algorithm in CURVES && namedCurve !== CURVES[algorithm])
    return `must be a ${CURVES[algorithm]} key for ${algorithm}`;
  if (algorithm === 'EdDSA' && key.asymmetricKeyType !== 'ed25519') return 'must be an Ed25519 key for EdDSA';
  if (algorithm === 'PS256' && (key.asymmetricKeyType !== 'rsa' || modulusLength < 3072)) {
    return 'must be an RSA key of at least 3072 bits for PS256';
  }
  return undefined;
}
