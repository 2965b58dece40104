import { describe, expect, it } from 'vitest';
import { parseEmail, requireEmail } from '../../../src/app/utils/emails.ts';

describe('parseEmail', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada@Example.COM\n', 'ada@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['ada@Bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--BCHER-KVA.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['a+x@b.co', 'a+x@b.co'],
    ["o'brien!#$%&*/=?^_`{|}~-@b.co", "o'brien!#$%&*/=?^_`{|}~-@b.co"],
    [`${'a'.repeat(64)}@b.co`, `${'a'.repeat(64)}@b.co`],
    ['a@1.2.co', 'a@1.2.co'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseEmail(text)).toBe(canonical);
    expect(parseEmail(canonical)).toBe(canonical);
    expect(requireEmail(text)).toBe(canonical);
  });

  it.each([
    '',
    '@',
    'a@',
    '@b.co',
    'a@b',
    'a@@b.co',
    'a@b@c.co',
    'a b@c.co',
    '"a b"@c.co',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a@b.c',
    'a@b.co.',
    'a@.b.co',
    'a@b..co',
    'a@-b.co',
    'a@b-.co',
    '.a@b.co',
    'a.@b.co',
    'a..b@c.co',
    'а@b.co',
    'é@b.co',
    'a\0@b.co',
    'a@b.co\0',
    'a\r\nbcc:x@b.co',
    'Ada <a@b.co>',
    `${'a'.repeat(65)}@b.co`,
    `a@${'b'.repeat(64)}.co`,
    `${'a'.repeat(60)}@${'b.'.repeat(100)}co`,
  ])('takes %j for no address', (text) => {
    expect(parseEmail(text)).toBeUndefined();
    expect(() => requireEmail(text)).toThrow('not valid');
  });

  it.each(['/x', '\\x', '?x', '#x', ':80', ':', '/', ' x', '\tx', "\\'; select 1 --", '%2e', '／x', '？x'])(
    'takes an address with %j behind it for no other name of that address',
    (tail) => {
      expect(parseEmail(`a@b.co${tail}`)).toBeUndefined();
    },
  );

  it.each(['%62.co', 'b\n.co', 'b\t.co', 'x:y@b.co', '[b.co]'])(
    'decodes and skips nothing in the domain %j',
    (domain) => {
      expect(parseEmail(`a@${domain}`)).toBeUndefined();
    },
  );

  it('takes no longer for what is hard to read', () => {
    const started = performance.now();
    for (const piece of ['a', 'a.', '"', '<', 'a@', '\u0300', 'ﷺ'])
      for (const length of [500, 100_000]) expect(parseEmail(`${piece.repeat(length)}@b.co`)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
