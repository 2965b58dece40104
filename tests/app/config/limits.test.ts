import { describe, expect, it } from 'vitest';
import { redisUrl } from '../../../src/app/config/settings.ts';
import { rate } from '../../../src/app/utils/rates.ts';

describe('rate', () => {
  it.each([
    ['10/15m', 10, 900],
    ['1/1s', 1, 1],
    ['100000/24h', 100_000, 86_400],
  ])('reads %s', (text, count, window_seconds) => {
    expect(rate(text)).toMatchObject({ count, window_seconds });
    expect(String(rate(text))).toBe(text);
  });

  it.each(['', '10', '0/5m', '-1/5m', '1.5/5m', '10/0s', '10/5', '10/5d', '10/25h', '100001/1h', '10 / 5m', '1e3/5m'])(
    'refuses %j',
    (text) => {
      expect(() => rate(text)).toThrow('must be a count and a time');
    },
  );
});

describe('redisUrl', () => {
  it('takes redis and rediss, and repeats nothing of what it refuses', () => {
    expect(redisUrl('rediss://user:secret@cache.example:6380')).toBe('rediss://user:secret@cache.example:6380');
    expect(() => redisUrl('http://user:secret@cache.example')).toThrow(/^(?!.*secret).*must be a Redis URL/);
  });
});
