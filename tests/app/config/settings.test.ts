import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  ConfigError,
  cidrs,
  hashFile,
  identifier,
  integer,
  list,
  oneOf,
  origins,
  postgresUrl,
  readSettings,
  serviceUrl,
  setting,
  word,
} from '../../../src/app/config/settings.ts';

const purpose = 'For a test';

describe('readSettings', () => {
  const declared = {
    SIZE: setting({ section: 'x', default: '5', purpose, parse: integer(1, 9) }),
    MODE: setting({ section: 'x', default: null, purpose, parse: oneOf('fast', 'safe') }),
  };

  it('takes what is set, trimmed, else the default', () => {
    expect(readSettings(declared, { MODE: ' fast ' })).toEqual({ values: { size: 5, mode: 'fast' }, problems: [] });
    expect(readSettings(declared, { MODE: 'safe', SIZE: '9' }).values).toEqual({ size: 9, mode: 'safe' });
  });

  it('names each one that cannot be used or is missing, and leaves it out', () => {
    expect(readSettings(declared, { SIZE: '10', MODE: '  ' })).toEqual({
      values: {},
      problems: ['SIZE must be a whole number from 1 to 9', 'MODE is required: For a test'],
    });
    expect(new ConfigError(['A is bad', 'B is bad']).message).toBe(
      'The configuration cannot be used:\n  A is bad\n  B is bad',
    );
  });
});

describe('integer', () => {
  it('reads plain digits within its bounds', () => {
    expect(['0', '7', '007', '10'].map(integer(0, 10))).toEqual([0, 7, 7, 10]);
  });

  it.each(['', ' 1', '+1', '-1', '1.0', '1e1', '0x1', '١', '11', '1_0', 'NaN', 'Infinity'])('refuses %j', (text) => {
    expect(() => integer(0, 10)(text)).toThrow('must be a whole number from 0 to 10');
  });
});

describe('boolean', () => {
  it('reads what pydantic reads', () => {
    expect(['true', 'TRUE', '1', 'yes', 'On'].map(boolean)).toEqual([true, true, true, true, true]);
    expect(['false', 'False', '0', 'no', 'OFF'].map(boolean)).toEqual([false, false, false, false, false]);
    for (const text of ['', 't', '2', 'truee', 'null']) expect(() => boolean(text)).toThrow('must be true or false');
  });
});

describe('lists', () => {
  it('are trimmed, lose their empty places, and are frozen', () => {
    expect(list(' a, ,b ,, c')).toEqual(['a', 'b', 'c']);
    expect(list('')).toEqual([]);
    expect(Object.isFrozen(list('a'))).toBe(true);
  });

  it('of origins hold what a browser sends, to the letter', () => {
    expect(origins('https://a.example, http://localhost:3000,*')).toHaveLength(3);
    expect(origins('https://xn--bcher-kva.example')).toHaveLength(1);
    for (const text of [
      'https://A.example',
      'https://bücher.example',
      'https://a.example:443',
      'ftp:a',
      'https://*',
      '//a',
    ])
      expect(() => origins(`https://ok.example, ${text}`), text).toThrow(`has "${text}"`);
  });

  it('of networks hold addresses and ranges of both families', () => {
    const good = '10.0.0.0/8, 192.0.2.1, ::1, fd00::/8, 2001:db8::/128, 0.0.0.0/0';
    expect(cidrs(good)).toHaveLength(6);
    for (const text of ['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/a', '010.0.0.1', '10.0.0', 'a', '1.2.3.4/8/8'])
      expect(() => cidrs(`::1,${text}`), text).toThrow(`has "${text}"`);
  });
});

describe('URLs', () => {
  it('of PostgreSQL are taken as they are and never repeated', () => {
    for (const text of ['postgres://u:p@h/d', 'postgresql://u:p%40@[::1]:6543/d?sslmode=require'])
      expect(postgresUrl(text)).toBe(text);
    for (const text of ['', 'u:swordfish@h/d', 'http://u:swordfish@h/d', 'postgresql//swordfish'])
      expect(() => postgresUrl(text)).toThrow(/^must be a PostgreSQL URL(?!.*swordfish)/);
  });

  it('of services end in a slash and are https, on this machine http too', () => {
    expect(serviceUrl('')).toBe('');
    expect(serviceUrl('https://a.example/range')).toBe('https://a.example/range/');
    expect(['http://localhost:1/', 'http://127.0.0.1/x/', 'http://[::1]/'].map(serviceUrl)).toHaveLength(3);
    for (const text of [
      'http://a.example',
      'https://a.example/?q=1',
      'a.example',
      'http://localhost.a.example',
      'file:///x',
    ])
      expect(() => serviceUrl(text), text).toThrow('must be an https URL');
  });
});

describe('names', () => {
  it('of SQL need no quotes', () => {
    expect(['public', '_a1', 'a'.repeat(63)].map(identifier)).toHaveLength(3);
    for (const text of ['', 'Public', '1a', 'a-b', 'a b', 'a"', 'a;--', 'ü', 'a'.repeat(64)])
      expect(() => identifier(text), text).toThrow('must be a lower-case SQL name');
  });

  it('of one word are printable ASCII', () => {
    expect(word('https://issuer.example')).toBe('https://issuer.example');
    for (const text of ['', 'a b', 'a\n', 'ü', 'x'.repeat(256)])
      expect(() => word(text), text).toThrow('must be one word');
  });
});

describe('hashFile', () => {
  const fileOf = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'back-hashes-')), 'hashes.txt');
    writeFileSync(path, text);
    return path;
  };
  const [low, high] = ['0'.repeat(40), 'F'.repeat(40)];

  it('names a list of hashes in order, whatever its line ends and counts', () => {
    for (const text of [`${low}\n${high}\n`, `${low}:3\r\n${high}:1\r\n`, `${low}`, `${low.toLowerCase()}\n${high}`])
      expect(() => hashFile(fileOf(text)), text).not.toThrow();
    expect(hashFile('')).toBe('');
  });

  it('is refused where it is no such list or cannot be read', () => {
    for (const text of ['', 'password\n', `${high}\n${low}\n`, `${low}:x\n`, `${low}0\n`])
      expect(() => hashFile(fileOf(text)), text).toThrow('which is not a list of SHA-1 hashes');
    expect(() => hashFile('/nonexistent')).toThrow('names /nonexistent, which cannot be read');
  });
});
