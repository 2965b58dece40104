import { createRequire } from 'node:module';
import type { dictionary } from '@zxcvbn-ts/language-common';
import type { Config } from '../../config.ts';
import type { RequestContext } from '../../context.ts';
import { product } from '../../product.ts';
import { clientShare } from '../../utils/client-networks.ts';
import { AppError } from '../../utils/errors.ts';
import { type FirebaseParameters, firebaseHash } from './passwords/foreign-hashes.ts';
import { PASSWORD_MAX_BYTES, requireReadableHash } from './passwords/hasher.ts';
import { isPredictable } from './passwords/predictable.ts';

/** The passwords that attackers try first: some 49,000, compared without case. */
let common: ReadonlySet<string> | undefined;

/** Words of this product, which attackers try as well (ASVS 6.1.2). */
const PRODUCT_WORDS = [product.slug, product.slug.replaceAll('-', ''), product.name.toLowerCase()];

/** A shorter word is too common to reject a password for it. */
const WORD_MIN_LENGTH = 4;

/** Common passwords that the list lacks. */
const MORE_COMMON = ['hotmail', 'fingerig', 'sentnece', 'films+pic+galeries'];

/** What people append to a word when a form asks for digits and signs. */
const SUFFIX = /\d{0,4}[^\p{L}\d]{0,2}$/u;
/** What people write for letters. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** Longest stored hash. */
const HASH_MAX_LENGTH = 1024;

/** Firebase's own hash parameters: each of a project's hashes needs them. */
export type FirebaseHashParameters = FirebaseParameters;

export interface PasswordRules {
  /** The input field that the password came in. */
  field: string;
  /** The account's canonical address: neither it nor its local part may carry the password. */
  email: string;
}

/** Throws password_too_short, password_too_long or password_too_common; says nothing of capitals, digits or signs (ASVS 6.2). */
export function requireGoodPassword(config: Config, password: string, { field, email }: PasswordRules): void {
  const least = config.password_min_length;
  if ([...password].length < least)
    throw new AppError('password_too_short', { field, detail: `The password must have at least ${least} characters` });
  if (Buffer.byteLength(password) > PASSWORD_MAX_BYTES) throw new AppError('password_too_long', { field });
  const lower = password.toLowerCase();
  if (isCommon(lower) || isPredictable(lower, least)) throw new AppError('password_too_common', { field });
  const words = [email, email.slice(0, email.indexOf('@')), ...PRODUCT_WORDS];
  if (words.some((word) => isBuiltOn(lower, word, least))) {
    const detail = 'The password is built on the e-mail address or the name of this service; choose another';
    throw new AppError('password_too_common', { field, detail });
  }
}

/** The hash to store for a new password that keeps the rules. Throws password_breached if a breach source knows the password. */
export async function hashNew(ctx: RequestContext, password: string, { field }: { field: string }): Promise<string> {
  if (await ctx.breachedPasswords.includes(password)) throw new AppError('password_breached', { field });
  return ctx.hasher.hash(password, clientShare(ctx.client.ip));
}

/**
 * The stored form of a hash that another system made; `salt` is given with a hash of Firebase. Throws an Error whose message
 * says why no password could be verified against it.
 */
export function importHash(
  { hash: text, salt }: { hash: string; salt: string | undefined },
  firebase: FirebaseHashParameters | undefined,
): string {
  const isFirebase = salt !== undefined && !text.startsWith('$');
  if (isFirebase && firebase === undefined) throw new Error("the hash is Firebase's: its hash parameters are needed");
  const hash = isFirebase && firebase !== undefined ? firebaseHash({ hash: text, salt }, firebase) : text;
  if (hash.length > HASH_MAX_LENGTH) throw new Error('the hash is too long');
  try {
    requireReadableHash(hash);
  } catch (error) {
    throw new Error(`the hash ${error instanceof Error ? error.message : error}`);
  }
  return hash;
}

/** True for a listed password, and for a listed word with up to four digits and two signs after it, in other letters too. */
function isCommon(lower: string): boolean {
  const list = commonPasswords();
  const word = lower.replace(SUFFIX, '');
  const plain = [...word].map((character) => LOOKALIKES[character] ?? character).join('');
  return list.has(lower) || (word.length >= WORD_MIN_LENGTH && (list.has(word) || list.has(plain)));
}

/** Unpacked for the first new password: a server that sets none does not need its 4 MB. */
function commonPasswords(): ReadonlySet<string> {
  if (common === undefined) {
    const lists = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as { dictionary: typeof dictionary };
    common = new Set([...lists.dictionary['passwords-common'], ...MORE_COMMON]);
  }
  return common;
}

/** True if the password is a known word and fewer other characters than a password needs. */
function isBuiltOn(password: string, word: string, least: number): boolean {
  return word.length >= WORD_MIN_LENGTH && password.includes(word) && [...password.replaceAll(word, '')].length < least;
}
