/** Rows and columns of the usual keyboards (US, German, French), digits and letters in order; runs go both ways. */
const LINES = [
  '`1234567890-=',
  'qwertyuiop[]\\',
  "asdfghjkl;'",
  'zxcvbnm,./',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  ...['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm', '8ik,', '9ol.', '0p;/'],
].flatMap((line) => [line, [...line].reverse().join('')]);

/** The signs above the digits and beside the letters of a US keyboard, and the keys that they are on. */
const SHIFTED = '~!@#$%^&*()_+{}|:"<>?';
const KEYS = "`1234567890-=[]\\;',./";

/** A longer pattern is on no list of common passwords, and its length has to be guessed as well. */
const MAX_LENGTH = 32;
const MIN_RUN = 3;
/** A password of this many runs and other characters is as short as that number. */
const MAX_PARTS = 3;
const DATE =
  /^(?:(?:19|20)\d\d(\D?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(\D?)(?:0[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)$/;

/**
 * True if a lower-case password follows a pattern that attackers try: a short unit repeated (`12341234`), a few runs of
 * equal, consecutive or neighbouring keys (`87654321`, `!@#$%^&*`, `1qaz2wsx`, `11223344`), or a date. `least` is the
 * shortest unit that may be repeated.
 */
export function isPredictable(password: string, least: number): boolean {
  const keys = [...password].map(keyOf);
  if (keys.length > MAX_LENGTH) return false;
  return (
    repeatedUnit(keys) < least ||
    countParts(keys) <= MAX_PARTS ||
    countParts(keys.filter((key, index) => key !== keys[index - 1])) <= MAX_PARTS ||
    DATE.test(password)
  );
}

function keyOf(character: string): string {
  const index = SHIFTED.indexOf(character);
  return KEYS[index] ?? character;
}

/** The length of the unit that the whole text repeats; infinite if it repeats none. */
function repeatedUnit(keys: readonly string[]): number {
  for (let unit = 1; unit <= keys.length / 2; unit++)
    if (keys.every((key, index) => index < unit || key === keys[index - unit])) return unit;
  return Number.POSITIVE_INFINITY;
}

/** The number of runs, and of characters outside of a run. */
function countParts(keys: readonly string[]): number {
  let parts = 0;
  for (let index = 0; index < keys.length; parts++) {
    const length = Math.max(equalRun(keys, index), ...LINES.map((line) => lineRun(keys, index, line)));
    index += length < MIN_RUN ? 1 : length;
  }
  return parts;
}

function equalRun(keys: readonly string[], from: number): number {
  let length = 1;
  while (from + length < keys.length && keys[from + length] === keys[from]) length++;
  return length;
}

function lineRun(keys: readonly string[], from: number, line: string): number {
  const start = line.indexOf(keys[from] ?? '');
  if (start < 0) return 0;
  let length = 1;
  while (from + length < keys.length && keys[from + length] === line[start + length]) length++;
  return length;
}
