import {
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeText, readTextFile } from '../utils/text-files.ts';
import { ALGORITHMS, type Algorithm, isShared, keyId, keyProblem, RSA_BITS, sharedKeyBytes } from './algorithms.ts';

/** A key in the keys directory: a private JWK (RFC 7517) with `kid`, `alg`, `iat` and, as the moment from which it signs, `nbf`. */
export interface KeyFile {
  file: string;
  kid: string;
  algorithm: Algorithm;
  key: KeyObject;
  created_at: Date;
  signs_from: Date;
}

const CURVES: Partial<Record<Algorithm, string>> = { ES256: 'P-256', ES384: 'P-384' };
const KID = /^[\w.:-]{1,128}$/;
const OTHERS = 0o077;

/** The keys of a directory, and its problems; each problem completes "KEYS_DIRECTORY …". */
export interface KeyFiles {
  keys: KeyFile[];
  problems: string[];
}

interface Rules {
  allow_rs256: boolean;
}

/** Every `*.json` key of the directory. One bad key is a problem, and so is no key at all. */
export async function readKeyFiles(directory: string, rules: Rules): Promise<KeyFiles> {
  const names = await readdir(directory).catch(() => []);
  const contents = names.filter(isKeyFile).map(async (file): Promise<Content> => {
    return { file, content: await readFile(join(directory, file)).then(decodeText).catch(toError) };
  });
  return parseFiles(await Promise.all(contents), rules);
}

/** The same, synchronously, for the start of the process. */
export function readKeyFilesSync(directory: string, rules: Rules): KeyFiles {
  const names = attempt(() => readdirSync(directory));
  if (names instanceof Error) return parseFiles([], rules);
  const contents = names.filter(isKeyFile).map((file) => {
    return { file, content: attempt(() => readTextFile(join(directory, file))) };
  });
  return parseFiles(contents, rules);
}

/** Makes a key and writes it, readable by its owner only; the file appears complete. */
export function writeNewKey(
  directory: string,
  { algorithm, created_at, signs_from }: Pick<KeyFile, 'algorithm' | 'created_at' | 'signs_from'>,
): KeyFile {
  const key = generateKey(algorithm);
  const kid = keyId(key);
  const [iat, nbf] = [created_at, signs_from].map((time) => Math.floor(time.getTime() / 1000));
  const jwk = { ...key.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig', iat, nbf };
  const file = `${created_at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${kid}.json`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${file}`);
  writeFileSync(draft, `${JSON.stringify(jwk, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, join(directory, file));
  return { file, kid, algorithm, key, created_at, signs_from };
}

/** True if the file's mode lets other users than its owner read it. */
export function isReadableByOthers(directory: string, { file }: KeyFile): boolean {
  return (statSync(join(directory, file)).mode & OTHERS) !== 0;
}

interface Content {
  file: string;
  content: string | Error;
}

/** Names that begin with a dot are unfinished files, or directories that Kubernetes puts beside mounted files. */
function isKeyFile(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

function parseFiles(contents: readonly Content[], { allow_rs256 }: Rules): KeyFiles {
  const keys: KeyFile[] = [];
  const problems: string[] = [];
  for (const { file, content } of contents.toSorted((a, b) => (a.file < b.file ? -1 : 1))) {
    try {
      if (content instanceof Error) throw content;
      const key = parseKey(file, content);
      if (key.algorithm === 'RS256' && !allow_rs256)
        throw new Error('is for RS256, which only ALLOW_RS256=true permits');
      if (keys.some(({ kid }) => kid === key.kid)) throw new Error(`has the kid ${key.kid}, as another file has`);
      keys.push(key);
    } catch (error) {
      problems.push(`has ${file}, which ${reasonOf(error)}`);
    }
  }
  if (contents.length === 0) problems.push('has no keys; make one with: npx back keys generate');
  return { keys, problems };
}

function parseKey(file: string, text: string): KeyFile {
  const jwk = parseObject(text);
  const algorithm = ALGORITHMS.find((known) => known === jwk.alg);
  if (algorithm === undefined) throw new Error(`must name its algorithm: "alg" is one of ${ALGORITHMS.join(', ')}`);
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new Error('is not for signatures: its "use" is another one');
  const key = readKey(jwk, algorithm);
  const problem = keyProblem(key, algorithm);
  if (problem !== undefined) throw new Error(problem);
  const kid = jwk.kid ?? keyId(key);
  if (typeof kid !== 'string' || !KID.test(kid)) throw new Error('has a "kid" that is no short plain word');
  const signs_from = readTime(jwk.nbf);
  if (signs_from === undefined) throw new Error('must say from when it signs: "nbf", in seconds since 1970');
  return { file, kid, algorithm, key, created_at: readTime(jwk.iat) ?? signs_from, signs_from };
}

function parseObject(text: string): JsonWebKey {
  try {
    const value: unknown = JSON.parse(text);
    // Each member is checked below.
    if (typeof value === 'object' && value !== null) return value as JsonWebKey;
  } catch {
    // Reported below; the parser's message might repeat the key.
  }
  throw new Error('is not a JSON Web Key');
}

function readKey(jwk: JsonWebKey, algorithm: Algorithm): KeyObject {
  try {
    if (isShared(algorithm) && jwk.kty === 'oct') return createSecretKey(Buffer.from(String(jwk.k), 'base64url'));
    if (!isShared(algorithm) && jwk.kty !== 'oct') return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    // Reported below; the library's message might repeat the key.
  }
  throw new Error(`holds no ${isShared(algorithm) ? 'shared secret' : 'private key'} for ${algorithm}`);
}

function generateKey(algorithm: Algorithm): KeyObject {
  if (isShared(algorithm)) return createSecretKey(randomBytes(sharedKeyBytes(algorithm)));
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  const namedCurve = CURVES[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve }).privateKey;
  return generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey;
}

function readTime(seconds: unknown): Date | undefined {
  return Number.isSafeInteger(seconds) && Number(seconds) > 0 ? new Date(Number(seconds) * 1000) : undefined;
}

/** The message of our own errors; of a system error only the code, since its message repeats the path. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'syscall' in error && 'code' in error) return `cannot be read (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return toError(error);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
