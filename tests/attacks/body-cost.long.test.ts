import { afterAll, describe, expect, it } from 'vitest';
import type { TestUser } from '../helpers/api.ts';
import { idsEverywhere, type Operation, operations, requestTo } from '../helpers/operations.ts';
import { startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

const MAX_MS = 20;
const ROUNDS = 5;
const UNKNOWN = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const all = await operations(TEST_PRODUCT);
const withBody = all.filter(({ is_json, is_form }) => is_json || is_form);
const ids = idsEverywhere(all, UNKNOWN);
let callers: Promise<Record<'user' | 'admin', TestUser>> | undefined;

afterAll(() => {
  expect(api.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

/** Bodies as long as the route reads, each costly in another way. */
const COSTLY: Record<string, (limit: number, fields: string[]) => string> = {
  'deep arrays': (limit) => '['.repeat(limit / 2 - 1) + ']'.repeat(limit / 2 - 1),
  'deep objects': (limit) => filled(limit, { start: '', piece: () => '{"a":', end: `1${'}'.repeat(limit / 7)}` }),
  'a wide array': (limit) => filled(limit, { start: '[', piece: () => '[],', end: '[]]' }),
  'unknown fields': (limit) => filled(limit, { start: '{', piece: (n) => `"${n}":1,`, end: '"z":1}' }),
  'empty arrays in every field': (limit, fields) =>
    `{${fields.map((name) => `"${name}":[${'[],'.repeat(limit / fields.length / 3 - 20)}[]]`).join(',')}}`,
  'escapes in every field': (limit, fields) =>
    `{${fields.map((name) => `"${name}":"${'\\u0061'.repeat(limit / fields.length / 6 - 10)}"`).join(',')}}`,
  'one field again and again': (limit, [name]) =>
    filled(limit, { start: '{', piece: () => `"${name}":0,`, end: `"${name}":0}` }),
  numbers: (limit) => filled(limit, { start: '{"a":[', piece: () => '1e-9,', end: '1]}' }),
  'one long number': (limit) => `{"a":${'1'.repeat(limit - 8)}}`,
  'combining marks': (limit, [name]) => `{"${name}":"e${'\u0301'.repeat(limit / 2 - 20)}"}`,
};

const COSTLY_FORMS: Record<string, (limit: number) => string> = {
  'fields without values': (limit) => filled(limit, { start: '', piece: (n) => `k${n}&`, end: 'z' }),
  'one field again and again': (limit) => filled(limit, { start: '', piece: () => 'a&', end: 'a' }),
  ampersands: (limit) => '&'.repeat(limit),
  escapes: (limit) => `username=${'%61'.repeat(limit / 3 - 10)}`,
  'escapes that are none': (limit) => `username=${'%'.repeat(limit - 20)}`,
  brackets: (limit) => filled(limit, { start: 'a', piece: () => '[a]', end: '=1' }),
};

function filled(
  limit: number,
  { start, piece, end }: { start: string; piece: (n: number) => string; end: string },
): string {
  const pieces: string[] = [];
  for (let n = 0, left = limit - start.length - end.length; left > 0; n++) {
    pieces.push(piece(n));
    left -= piece(n + 1).length;
  }
  return `${start}${pieces.slice(0, -1).join('')}${end}`.slice(0, limit);
}

/** The longest time in milliseconds that the main thread was busy without a pause during `work`. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let watching = true;
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  watching = false;
  return longest;
}

async function tokenOf({ auth }: Operation): Promise<{ token?: string }> {
  if (auth === 'public') return {};
  callers ??= Promise.all([api.user(), api.admin()]).then(([user, admin]) => ({ user, admin }));
  return { token: (await callers)[auth === 'admin' ? 'admin' : 'user'].access_token };
}

describe.each(withBody.map((operation) => [operation.name, operation] as const))(
  'the body of %s',
  (_name, operation) => {
    const { properties = {} } = operation.schema.body as { properties?: object };
    const bodies = operation.is_form ? COSTLY_FORMS : COSTLY;

    it.each(Object.keys(bodies))(`full of %s keeps the main thread for less than ${MAX_MS} ms`, async (kind) => {
      const payload = bodies[kind]?.(operation.bodyLimit, Object.keys(properties)) ?? expect.fail();
      expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(operation.bodyLimit);
      const { method, url } = requestTo(operation, { ids });
      const type = operation.is_form ? 'application/x-www-form-urlencoded' : 'application/json';
      const caller = await tokenOf(operation);
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const send = async (): Promise<void> => {
          const request = { method, url, payload, headers: { 'content-type': type }, ...caller };
          const { statusCode } = await api.request(request as Parameters<typeof api.request>[0]);
          expect([400, 401, 403, 404, 422]).toContain(statusCode);
        };
        times.push(await longestPause(send));
      }
      // The least of several rounds: other processes of the machine and the collector only add to it.
      expect(Math.min(...times)).toBeLessThan(MAX_MS);
    });
  },
);
