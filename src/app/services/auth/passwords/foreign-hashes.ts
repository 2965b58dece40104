import { argon2, createCipheriv, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A password hash made by another system. */
export interface ForeignHash {
  /** Scheme and parameters: hashes of one shape cost the same. */
  shape: string;
  /** Bytes that a verification takes. */
  memory: number;
  verify: (password: string) => Promise<boolean>;
}

/** What Firebase's console shows as "password hash parameters"; the keys are base64. */
export interface FirebaseParameters {
  signer_key: string;
  salt_separator: string;
  rounds: number;
  memory_cost: number;
}

/** The bounds of one login, so that it cannot exhaust the machine: bytes of memory, and bytes of all passes together. */
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_WORK = 1024 * 1024 * 1024;
const MIN_HASH_BYTES = 16;

const ARGON2 = /^\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,9}),t=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/;
const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/;
const FIREBASE = /^\$fbscrypt\$v=1,n=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})(?:,ss=([^,$]*))?,sk=([^,$]+)\$([^$]+)\$([^$]+)$/;

const deriveArgon2 = promisify(argon2);
const deriveScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * Reads argon2 and scrypt in PHC form (`$argon2id$v=19$…`, `$scrypt$ln=…`) and Firebase's scrypt as Supabase writes it (`$fbscrypt$v=1,…`).
 * Throws an Error whose message completes "the hash …" for any other text and for parameters beyond the bounds of a login.
 */
export function parseForeignHash(text: string): ForeignHash {
  const hash = readArgon2(text) ?? readScrypt(text) ?? readFirebase(text);
  if (hash === undefined) throw new Error('is of no known scheme (bcrypt, argon2, scrypt, fbscrypt)');
  return hash;
}

/** The self-describing form of a Firebase hash: all that its verification needs, the project's key included. */
export function firebaseHash(hash: { hash: string; salt: string }, parameters: FirebaseParameters): string {
  const { signer_key, salt_separator, rounds, memory_cost } = parameters;
  const [ss, sk, salt, own] = [salt_separator, signer_key, hash.salt, hash.hash].map(plainBase64);
  return `$fbscrypt$v=1,n=${memory_cost},r=${rounds},p=1${ss ? `,ss=${ss}` : ''},sk=${sk}$${salt}$${own}`;
}

function readArgon2(text: string): ForeignHash | undefined {
  const [, scheme, m = '', t = '', p = '', salt = '', hash = ''] = ARGON2.exec(text) ?? [];
  if (scheme !== 'argon2id' && scheme !== 'argon2i' && scheme !== 'argon2d') return undefined;
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)];
  const [nonce, expected] = [fromBase64(salt), fromBase64(hash)];
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism || nonce.length < 8) throw new Error('is malformed');
  requireBearable({ memory: memory * 1024, work: memory * 1024 * passes, hash: expected });
  const parameters = { nonce, parallelism, tagLength: expected.length, memory, passes };
  return {
    shape: `${scheme} m=${m},t=${t},p=${p}`,
    memory: memory * 1024,
    verify: async (password) => isSame(await deriveArgon2(scheme, { message: password, ...parameters }), expected),
  };
}

function readScrypt(text: string): ForeignHash | undefined {
  const [match, ln, r, p, salt = '', hash = ''] = SCRYPT.exec(text) ?? [];
  if (match === undefined) return undefined;
  const expected = fromBase64(hash);
  const options = scryptOptions({ ln: Number(ln), r: Number(r), p: Number(p), hash: expected });
  const nonce = fromBase64(salt);
  return {
    shape: `scrypt n=${ln},r=${r},p=${p}`,
    memory: memoryOf(options),
    verify: async (password) => isSame(await deriveScrypt(password, nonce, expected.length, options), expected),
  };
}

/** Firebase encrypts its project's key with what scrypt derives, and stores the ciphertext. */
function readFirebase(text: string): ForeignHash | undefined {
  const [match, n, r, p, separator = '', signerKey = '', salt = '', hash = ''] = FIREBASE.exec(text) ?? [];
  if (match === undefined) return undefined;
  const [key, expected] = [fromBase64(signerKey), fromBase64(hash)];
  const options = scryptOptions({ ln: Number(n), r: Number(r), p: Number(p), hash: expected });
  const nonce = Buffer.concat([fromBase64(salt), fromBase64(separator)]);
  return {
    shape: `scrypt n=${n},r=${r},p=${p}`,
    memory: memoryOf(options),
    verify: async (password) => {
      const derived = await deriveScrypt(password, nonce, 32, options);
      const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16));
      return isSame(Buffer.concat([cipher.update(key), cipher.final()]), expected);
    },
  };
}

function scryptOptions({ ln, r, p, hash }: { ln: number; r: number; p: number; hash: Buffer }): ScryptOptions {
  if (ln < 1 || r < 1 || p < 1) throw new Error('is malformed');
  const memory = 128 * 2 ** ln * r;
  requireBearable({ memory, work: memory * p, hash });
  // Node counts slightly more than the memory of the algorithm.
  return { cost: 2 ** ln, blockSize: r, parallelization: p, maxmem: 2 * (memory + 128 * r * p) };
}

function memoryOf({ maxmem = 0 }: ScryptOptions): number {
  return maxmem / 2;
}

function requireBearable({ memory, work, hash }: { memory: number; work: number; hash: Buffer }): void {
  if (hash.length < MIN_HASH_BYTES || hash.length > 256) throw new Error('is malformed');
  if (memory > MAX_MEMORY || work > MAX_WORK) throw new Error('costs more memory or time than a login may take');
}

function isSame(derived: Buffer, expected: Buffer): boolean {
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

/** Bytes of base64 in either alphabet, padded or not. */
function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const unpadded = plainBase64(text).replace(/=+$/, '');
  if (bytes.toString('base64').replace(/=+$/, '') !== unpadded) throw new Error('is malformed');
  return bytes;
}

function plainBase64(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/');
}
