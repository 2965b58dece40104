import { describe, expect, it } from 'vitest';
import { startApi } from '../../helpers/api.ts';

const api = startApi();
const URL = '/docs/static/swagger-ui-bundle.js';

const get = (headers: Record<string, string> = {}) => api.request({ url: URL, headers });

describe('a file of the documentation', () => {
  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=0-999999999', 0, undefined],
  ])('is sent in part for %s', async (range, first, end) => {
    const whole = (await get()).rawPayload;
    const part = await get({ range });
    expect(part.statusCode).toBe(206);
    expect(part.rawPayload.equals(whole.subarray(first, end))).toBe(true);
    const begin = first < 0 ? whole.length + first : first;
    expect(part.headers['content-range']).toBe(`bytes ${begin}-${begin + part.rawPayload.length - 1}/${whole.length}`);
  });

  it.each(['bytes=0-1,4-5', 'lines=1-2', 'bytes=-', 'bytes=9-5', 'bytes=a-b', ''])(
    'is sent whole for %j',
    async (range) => {
      const answer = await get({ range });
      expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, (await get()).rawPayload.length]);
    },
  );

  it.each(['bytes=99999999-', 'bytes=99999999-999999999', 'bytes=-0'])('has nothing for %s', async (range) => {
    const answer = await get({ range });
    expect([answer.statusCode, answer.json().code]).toEqual([416, 'range_not_satisfiable']);
    expect(answer.headers['content-range']).toBe(`bytes */${(await get()).rawPayload.length}`);
  });

  it('has the same head for HEAD as for GET, and nothing else', async () => {
    const [whole, head] = [await get(), await api.request({ method: 'HEAD', url: URL })];
    for (const answer of [whole, head]) for (const own of ['date', 'x-request-id']) delete answer.headers[own];
    expect([head.statusCode, head.rawPayload.length, head.headers]).toEqual([200, 0, whole.headers]);
  });

  it('keeps the conditions of a request', async () => {
    const { etag = '' } = (await get()).headers;
    const statusOf = async (headers: Record<string, string>): Promise<number> => (await get(headers)).statusCode;
    expect(await statusOf({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"other"' })).toBe(200);
    expect(await statusOf({ 'if-match': etag })).toBe(200);
    expect(await statusOf({ 'if-match': '"other"' })).toBe(412);
    expect(await statusOf({ range: 'bytes=0-1', 'if-range': etag })).toBe(206);
    expect(await statusOf({ range: 'bytes=0-1', 'if-range': '"other"' })).toBe(200);
  });
});
