import { isShared } from '../../app/keys/algorithms.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';
import type { Observation, ReadableConfig } from '../observation.ts';
import { passwordIn } from '../passwords.ts';

const MAKE = 'make a random one with: openssl rand -base64 48';
/** Keys out of tutorials and documents: long enough, and known to everybody. */
const PUBLISHED = new Set([
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
]);
/** 32 hexadecimal digits have 128 bits, of which so few show in a sample that small. */
const LEAST_BITS = 96;
/** A random key never has so large a share of its letters in words. */
const MOSTLY_WORDS = 0.5;
const WORDS_LETTERS = 12;
const LONGEST_WORD = 14;
const SHORTEST_WORD = 4;

type Keys = Pick<Observation, 'config' | 'problems' | 'words' | 'exposed_files'>;

/** Whether the keys can be guessed or read; no sentence repeats one. Flaws that keep the server from starting are in the settings' check. */
export function checkKeys({ config, problems, words, exposed_files }: Keys): Finding[] {
  const known = problems.filter((problem) => /^(SECRET_KEY|PREVIOUS_SECRET_KEYS|KEYS_DIRECTORY) /.test(problem));
  const findings = [
    ...known.map((problem) => fail('keys', problem)),
    // A key that is refused outright needs no second opinion.
    ...(known.length > 0 ? [] : [...weaknesses(config, words), ...repetitions(config)]),
    ...exposed_files.map((file) =>
      warn('secret_files', `${file} is readable by others than its owner`, `chmod 600 ${file}`),
    ),
  ];
  return findings.length > 0 ? findings : [ok('keys', 'The keys are long, look random, and are not used twice')];
}

function weaknesses(config: ReadableConfig, words: ReadonlySet<string>): Finding[] {
  if (!isShared(config.algorithm)) return [];
  return namedKeys(config).flatMap(([name, key]) => {
    if (PUBLISHED.has(key))
      return [fail('keys', `${name} is a key out of a tutorial: everybody can sign tokens with it`, MAKE)];
    const flaw = flawOf(key, words);
    return flaw === undefined ? [] : [warn('keys', `${name} ${flaw}`, MAKE)];
  });
}

/** What makes a key easier to guess than its length promises, as the end of a sentence. */
function flawOf(key: string, words: ReadonlySet<string>): string | undefined {
  const unit = repeatedUnit(key);
  if (unit < key.length) return `repeats the same ${unit} characters`;
  if (isRun(key)) return 'is a row of neighbouring characters';
  if (entropyBits(key) < LEAST_BITS) return `has fewer than ${LEAST_BITS} bits of randomness`;
  if (isMadeOfWords(key, words)) return 'is made of words, which can be guessed one by one';
  return undefined;
}

function repetitions(config: ReadableConfig): Finding[] {
  const secret = config.secret_key?.reveal();
  const previous = config.previous_secret_keys.reveal();
  const url = config.database_url?.reveal();
  const findings: Finding[] = [];
  if (secret !== undefined && previous.includes(secret))
    findings.push(
      warn(
        'key_reuse',
        'PREVIOUS_SECRET_KEYS has SECRET_KEY itself: nothing was replaced',
        'put a new key into SECRET_KEY, or take this one out of PREVIOUS_SECRET_KEYS',
      ),
    );
  if (new Set(previous).size < previous.length)
    findings.push(warn('key_reuse', 'PREVIOUS_SECRET_KEYS has the same key twice', 'take one of them out'));
  if (secret !== undefined && url !== undefined && secret === passwordIn(url))
    findings.push(warn('key_reuse', 'SECRET_KEY is the password of the database too: who learns one has both', MAKE));
  return findings;
}

function namedKeys({ secret_key, previous_secret_keys }: ReadableConfig): [name: string, key: string][] {
  const previous = previous_secret_keys.reveal();
  const secret = secret_key?.reveal();
  return [
    ...(secret === undefined ? [] : [['SECRET_KEY', secret] as [string, string]]),
    ...previous.map((key): [string, string] => ['A key of PREVIOUS_SECRET_KEYS', key]),
  ];
}

/** The length of the shortest text of which the key is a repetition; the key's own length if it is none. */
function repeatedUnit(key: string): number {
  return (key + key).indexOf(key, 1);
}

function isRun(key: string): boolean {
  const codes = [...key].map((char) => char.codePointAt(0) ?? 0);
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - (codes[index] ?? 0)) <= 1);
  return steps.length > (codes.length - 1) / 2;
}

/** What the frequency of its characters allows at most (Shannon). */
function entropyBits(key: string): number {
  const counts = new Map<string, number>();
  for (const char of key) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - count * Math.log2(count / key.length), 0);
}

function isMadeOfWords(key: string, words: ReadonlySet<string>): boolean {
  const text = key.toLowerCase();
  let covered = 0;
  for (let at = 0; at < text.length; ) {
    const length = wordAt(text, at, words);
    covered += length;
    at += Math.max(1, length);
  }
  return covered >= WORDS_LETTERS && covered > text.replaceAll(/[^a-z]/g, '').length * MOSTLY_WORDS;
}

function wordAt(text: string, at: number, words: ReadonlySet<string>): number {
  for (let length = LONGEST_WORD; length >= SHORTEST_WORD; length--)
    if (words.has(text.slice(at, at + length))) return length;
  return 0;
}
