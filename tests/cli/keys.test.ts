import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { back } from '../helpers/back.ts';
import { addKey, DAY, editKey, newKeysDirectory, secondsFromNow } from '../helpers/keys.ts';

const keys = (directory: string, ...args: string[]) =>
  // Nothing but the directory is set: the first key is made before anything else is right.
  back(['keys', ...args], { env: { KEYS_DIRECTORY: directory, SECRET_KEY: '' } });

const listed = async (directory: string): Promise<Record<string, string>[]> =>
  JSON.parse((await keys(directory, 'list', '--json')).stdout);

describe('back keys generate', () => {
  it('makes the first key in a directory of its own, announced before it signs', async () => {
    const directory = join(newKeysDirectory(), 'keys');
    const { code, stdout, stderr } = await keys(directory, 'generate', '--algorithm', 'EdDSA');
    expect([code, stderr]).toEqual([0, '']);
    const [file = ''] = readdirSync(directory);
    expect([statSync(directory).mode & 0o777, statSync(join(directory, file)).mode & 0o777]).toEqual([0o700, 0o600]);
    const { d } = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    const listing = await keys(directory, 'list');
    expect(stdout + listing.stdout).not.toContain(d);
    const [key] = await listed(directory);
    expect(key).toMatchObject({ algorithm: 'EdDSA', state: 'announced', file });
    expect(Date.parse(key?.signs_from ?? '') - Date.parse(key?.created_at ?? '')).toBe(15 * 60_000);
    expect(listing.stdout).toContain(`${key?.kid}  EdDSA      announced, signs from `);
  });

  it('leaves a directory that has keys to rotate', async () => {
    const directory = newKeysDirectory();
    addKey(directory, 'HS256', 0);
    const { code, stderr } = await keys(directory, 'generate');
    expect([code, stderr.split('\n')]).toEqual([1, [expect.stringMatching(/has keys already.*back keys rotate/), '']]);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it.each([
    [['--algorithm', 'RS256'], /set ALLOW_RS256=true/],
    [['--algorithm', 'none'], /Allowed choices/],
    [['--after', '-1'], /whole number of minutes/],
    [['--after', 'soon'], /whole number of minutes/],
  ])('refuses %j and writes nothing', async (args, sentence) => {
    const directory = newKeysDirectory();
    const { code, stderr } = await keys(directory, 'generate', ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('asks for KEYS_DIRECTORY where it is not set', async () => {
    expect((await keys('', 'generate')).stderr).toMatch(/^Set KEYS_DIRECTORY/);
  });
});

describe('back keys rotate', () => {
  it('announces a key of the same algorithm and keeps what may have living tokens', async () => {
    const directory = newKeysDirectory();
    const old = addKey(directory, 'ES384', -DAY);
    const { code, stdout } = await keys(directory, 'rotate');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Made .* \\(ES384\\).*\nIt signs from .*\n${old.kid} verifies until .*\n$`));
    const now = await listed(directory);
    expect(now.map(({ state }) => state)).toEqual(['signs', 'announced']);
    expect(now[0]).toMatchObject({ kid: old.kid, signs_until: now[1]?.signs_from });
    const again = await keys(directory, 'rotate');
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/is announced already/)]);
  });

  it('removes the keys of which no token can be alive', async () => {
    const directory = newKeysDirectory();
    const [oldest, older, current] = [
      addKey(directory, 'HS256', 0),
      addKey(directory, 'HS256', 0),
      addKey(directory, 'HS256', 0),
    ];
    editKey(directory, oldest, { nbf: secondsFromNow(-20 * DAY) });
    editKey(directory, older, { nbf: secondsFromNow(-10 * DAY) });
    editKey(directory, current, { nbf: secondsFromNow(-6 * DAY) });
    expect((await listed(directory)).map(({ state }) => state)).toEqual(['retired', 'verifies', 'signs']);
    const { stdout } = await keys(directory, 'rotate', '--after', '0');
    expect(stdout).toContain(`Removed ${oldest.kid}: no token of it is alive`);
    expect((await listed(directory)).map(({ state }) => state)).toEqual(['verifies', 'verifies', 'signs']);
  });

  it('says that there is nothing to rotate, and that a file cannot be used', async () => {
    const directory = newKeysDirectory();
    expect((await keys(directory, 'rotate')).stderr).toMatch(/There is no key to replace/);
    const key = addKey(directory, 'HS256', 0);
    editKey(directory, key, { k: 'c2hvcnQ' });
    const { code, stderr } = await keys(directory, 'list');
    expect(code).toBe(1);
    expect(stderr).toMatch(/must be at least 32 bytes long for HS256/);
  });
});
