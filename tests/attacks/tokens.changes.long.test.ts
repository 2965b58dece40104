import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOf, startApi } from '../helpers/api.ts';
import { sign } from '../helpers/forged-tokens.ts';

const api = startApi({ LOG_LEVEL: 'warn' });
const HEADER = { alg: 'HS256', typ: 'at+jwt' };
const MUTATIONS = 10_000;
const AT_ONCE = 100;

const me = (token: string) => api.request({ url: '/auth/me', token });

describe('a changed token', () => {
  it('is refused in each of ten thousand random changes, and costs no memory', async () => {
    const { access_token: token } = await api.user();
    const claims = claimsOf(token);
    const position = fc.nat({ max: token.length - 1 });
    const mutation = fc.oneof(
      fc
        .tuple(position, fc.constantFrom(...'AZaz09-_.~=+/ \u00e9'))
        .map(([at, by]) => token.slice(0, at) + by + token.slice(at + 1)),
      fc.tuple(position, position).map(([from, to]) => token.slice(0, from) + token.slice(to)),
      fc.tuple(position, fc.string({ maxLength: 40 })).map(([at, more]) => token.slice(0, at) + more + token.slice(at)),
      fc.tuple(fc.json(), fc.json()).map(([one, other]) => sign(JSON.parse(`[${one}]`), JSON.parse(`[${other}]`))),
      fc
        .dictionary(fc.constantFrom(...Object.keys(claims)), fc.jsonValue(), { minKeys: 1 })
        .map((some) => sign(HEADER, { ...claims, ...some }, 'a key of somebody else: 1f9c')),
    );
    const tokens = fc
      .sample(mutation, { numRuns: MUTATIONS, seed: 20_261_126 })
      .filter((changed) => changed.trim() !== token);
    expect(tokens.length).toBeGreaterThan(MUTATIONS * 0.95);
    const before = process.memoryUsage().rss;
    for (let first = 0; first < tokens.length; first += AT_ONCE) {
      const batch = tokens.slice(first, first + AT_ONCE);
      const answers = await Promise.all(batch.map((changed) => me(changed)));
      const wrong = batch.filter((_changed, index) => answers[index]?.statusCode !== 401);
      expect(wrong).toEqual([]);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect((await me(token)).statusCode).toBe(200);
  });
});
