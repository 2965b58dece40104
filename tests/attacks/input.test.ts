import { gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type TestUser } from '../helpers/api.ts';
import { idsEverywhere, idsOf, type Operation, operations, requestTo } from '../helpers/operations.ts';
import { accepts, isClosed, propertiesOf } from '../helpers/schemas.ts';
import { stateOf } from '../helpers/state.ts';
import { startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const all = await operations(TEST_PRODUCT);
const withJson = all.filter(({ is_json }) => is_json);
// A provider adds fields of its own to what it sends back.
const withQuery = all.filter(({ schema }) => isClosed(schema.querystring));
const withPath = all.filter(({ url }) => url.includes(':'));
const byName = (chosen: Operation[]) => chosen.map((operation) => [operation.name, operation] as const);
const UNKNOWN = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

let user: TestUser;
let admin: TestUser;
/** Of what the user has: what is wrong with a request is told after who may see the thing. */
let ids: Record<string, string>;
let before: unknown;

beforeAll(async () => {
  [user, admin] = [await api.user(), await api.admin()];
  ids = await idsOf(user, { known: all, api });
  before = await stateOf(api);
});

afterAll(() => {
  // Whatever was sent: none of it was a fault of ours.
  const faults = api.logs.filter(({ level }) => Number(level) >= 50);
  expect(faults).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

type Request = Parameters<typeof api.request>[0];
const tokenFor = ({ auth }: Operation) => {
  if (auth === 'public') return {};
  return { token: (auth === 'admin' ? admin : user).access_token };
};
const sendJson = (operation: Operation, payload: string | Buffer): Promise<LightMyRequestResponse> => {
  const { method, url } = requestTo(operation, { ids });
  const headers = { 'content-type': 'application/json' };
  return api.request({ method, url, headers, payload, ...tokenFor(operation) } as Request);
};
const sendChanged = (operation: Operation, change: Record<string, unknown>): Promise<LightMyRequestResponse> =>
  api.request({ ...requestTo(operation, { ids, user, change }), ...tokenFor(operation) });

function expectRefused(answer: LightMyRequestResponse, status: number, code: string): void {
  expect([answer.statusCode, answer.json().code], answer.body).toEqual([status, code]);
  if (code !== 'validation_failed') return;
  const { errors = [] } = answer.json<{ errors?: { type: string }[] }>();
  expect(errors.length, answer.body).toBeGreaterThan(0);
  for (const { type } of errors) expect(type).toMatch(/^[a-z]+(_[a-z]+)*$/);
}

describe.each(byName(withJson))('the body of %s', (_name, operation) => {
  it.each(['null', '[]', '[{}]', '"x"', '1', 'true', '{}', '', '\uFEFF{}', '1e400', '-0'])(
    'that is %j is validation_failed',
    async (body) => {
      // No body is one without fields.
      const text = body.replace('\uFEFF', '') || '{}';
      if (accepts(operation.schema.body, JSON.parse(text))) return;
      expectRefused(await sendJson(operation, body), 422, 'validation_failed');
    },
  );

  it.each([
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    'undefined',
    'NaN',
    '{"a":01}',
    '{"a":"\u0001"}',
    '{}{}',
    '{"__proto__":{"isAdmin":true}}',
    '{"\\u005f_proto__":{"isAdmin":true}}',
    '{"x":{"__proto__":{"isAdmin":true}}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
  ])('that is %j is malformed and leaves no trace in other objects', async (body) => {
    expectRefused(await sendJson(operation, body), 400, 'malformed_request');
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['a lone continuation', [0x80]],
    ['a byte that never occurs', [0xff]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a letter cut short', [0xe2, 0x82]],
  ])('with %s is malformed', async (_what, bytes) => {
    const body = Buffer.concat([Buffer.from('{"title":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expectRefused(await sendJson(operation, body), 400, 'malformed_request');
  });

  const itIfClosed = isClosed(operation.schema.body) ? it : it.skip;
  itIfClosed('nested as deep as its limit allows is refused without an overflow', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const depth = Math.floor((operation.bodyLimit - 8) / (open.length + close.length));
      const inner = `${open.repeat(depth)}"\\u0000"${close.repeat(depth)}`;
      expectRefused(await sendJson(operation, inner), 422, 'validation_failed');
    }
  });

  it('one byte beyond its limit is payload_too_large', async () => {
    const limit = operation.bodyLimit;
    expectRefused(await sendJson(operation, `{}${' '.repeat(limit - 1)}`), 413, 'payload_too_large');
    if (!accepts(operation.schema.body, []))
      expectRefused(await sendJson(operation, `[]${' '.repeat(limit - 2)}`), 422, 'validation_failed');
  });

  it('that was compressed is not expanded', async () => {
    const { method, url } = requestTo(operation, { ids });
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const payload = gzipSync(Buffer.alloc(8 * 1024 * 1024, ' '));
    const answer = await api.request({ method, url, headers, payload, ...tokenFor(operation) } as Request);
    expectRefused(answer, 415, 'unsupported_media_type');
  });

  it('takes no value of another type, and turns none into its own', async () => {
    const values: unknown[] = [
      null,
      true,
      1,
      1.5,
      -1,
      'text',
      '',
      [],
      ['text'],
      {},
      { $gt: '' },
      [[]],
      { toString: 'x' },
    ];
    for (const [name, property] of propertiesOf(operation.schema.body))
      for (const value of values) {
        if (accepts(property, value)) continue;
        const answer = await sendChanged(operation, { [name]: value });
        expectRefused(answer, 422, 'validation_failed');
        // Beside a rule of the whole body, which the field breaks in some bodies too.
        const places = answer.json().errors.map(({ loc }: { loc: string[] }) => loc.slice(0, 2));
        expect(places).toContainEqual(['body', name]);
      }
  });

  it('takes neither NUL nor half a surrogate pair in any string', async () => {
    for (const [name, property] of propertiesOf(operation.schema.body)) {
      if (!takesText(property)) continue;
      for (const value of ['\0', 'a\0b', '\ud800', 'x\udfff', '\udc00\ud800'])
        expectRefused(await sendChanged(operation, { [name]: value }), 422, 'validation_failed');
    }
    expectRefused(await sendJson(operation, '{"a\\u0000":1}'), 422, 'validation_failed');
  });

  itIfClosed('names at most twenty of all surplus fields that fit, each cut short', async () => {
    const count = Math.floor((operation.bodyLimit - 900) / 70);
    expect(count).toBeGreaterThan(0);
    const surplus = Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}`.padEnd(60, 'x'), n]));
    const answer = await sendChanged(operation, { ...surplus, ['😃'.repeat(60)]: 1 });
    expectRefused(answer, 422, 'validation_failed');
    expect(answer.json().errors.length).toBeLessThanOrEqual(20);
    const [{ loc }] = (await sendChanged(operation, { ['x'.repeat(400)]: 1 })).json().errors;
    expect(loc).toEqual(['body', 'x'.repeat(100)]);
  });
});

/** True for a property that may be a string, whichever. */
function takesText(property: object): boolean {
  return 'type' in property && [property.type].flat().includes('string');
}

describe('a form', () => {
  const send = (payload: string | Buffer) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return api.request({ method: 'POST', url: '/auth/token', headers, payload });
  };

  it.each([
    ['nothing', ''],
    ['a name twice', 'username=a&username=b&password=x'],
    ['a list', 'username[]=a&password=x'],
    ['a member', 'username[$ne]=a&password=x'],
    ['__proto__', '__proto__=1&username=a&password=x'],
    ['NUL', 'username=a%00&password=x'],
    ['as many fields as fit', 'a=1&'.repeat(4000)],
    ['a number of its own', 'grant_type=1&username=a&password=x'],
  ])('with %s is validation_failed', async (_what, payload) => {
    expectRefused(await send(payload), 422, 'validation_failed');
  });

  it('proves no password by what stands before NUL, and none by bytes that are no text', async () => {
    const fields = `username=${encodeURIComponent(user.email)}&password=${encodeURIComponent(PASSWORD)}`;
    expect((await send(fields)).statusCode).toBe(200);
    before = await stateOf(api);
    expectRefused(await send(`${fields}%00x`), 422, 'validation_failed');
    expect((await send(Buffer.concat([Buffer.from(fields), Buffer.from([0xc0, 0xa7])]))).statusCode).toBe(401);
    expect((await send(`${fields}%ff`)).statusCode).toBe(401);
  });
});

describe.each(byName(withQuery))('the query of %s', (_name, operation) => {
  const parameters = propertiesOf(operation.schema.querystring).map(([name]) => name);
  const ask = (query: string) => {
    const { url, method } = requestTo(operation, { ids });
    return api.request({ method, url: `${url}?${query}`, ...tokenFor(operation) } as Request);
  };

  it('is good as the example of it', async () => {
    if (parameters.includes('limit')) expect((await ask('limit=100')).statusCode).toBe(200);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=101',
    'limit=1000000',
    'limit=9007199254740993',
    'limit=1e999',
    'limit=1.5',
    'limit=1e2',
    'limit=1e1',
    'limit=1e309',
    'limit=Infinity',
    'limit=0x10',
    'limit=0b1',
    'limit=0o7',
    'limit=%201%20',
    'limit=%2B5',
    'limit=+5',
    'limit=1_0',
    'limit=%D9%A1',
    'limit=true',
    'limit=',
    'limit=ten',
    'limit=NaN',
    'limit=1;drop',
    'limit=1&limit=2',
    'limit[]=1',
    'limit[x]=1',
    'cursor=',
    'cursor=null',
    'cursor=..%2f',
    `cursor=${UNKNOWN}`,
    `cursor=${'A'.repeat(21)}`,
    `cursor=${'A'.repeat(23)}`,
    `cursor=${'_'.repeat(22)}`,
    `cursor=${'A'.repeat(22)}%3D%3D`,
    `cursor=%27%20or%201%3D1--`,
    `cursor=%00`,
    'sort=password_hash',
    'order_by=role',
    'fields=*',
    'filter[role]=admin',
    'page=-1',
    'offset=1099511627776',
    '__proto__[isAdmin]=1',
    '__proto__=1',
    'constructor.prototype.isAdmin=1',
    'q=%00',
    'a=1&'.repeat(1000),
  ])('is validation_failed with %s', async (query) => {
    const [, name = ''] = /^(\w+)=/.exec(query) ?? [];
    if (!['limit', 'cursor'].includes(name) && parameters.includes(name)) return;
    expectRefused(await ask(query), 422, 'validation_failed');
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  it.each(['limit=%ff', 'limit=%c0%a7', 'limit=%', 'limit=%u0031', 'limit=%ed%a0%80'])(
    'is malformed with %s',
    async (query) => {
      expectRefused(await ask(query), 400, 'malformed_request');
    },
  );

  it('takes every parameter once', async () => {
    for (const name of parameters) {
      expectRefused(await ask(`${name}=a&${name}=b`), 422, 'validation_failed');
      expectRefused(await ask(`${name}[]=a`), 422, 'validation_failed');
      expectRefused(await ask(`${name}[a]=a`), 422, 'validation_failed');
    }
  });
});

describe.each(byName(withPath))('the path of %s', (_name, operation) => {
  it.each([
    'not-a-uuid',
    '1',
    '-1',
    UNKNOWN.toUpperCase(),
    UNKNOWN.slice(1),
    `${UNKNOWN}0`,
    `{${UNKNOWN}}`,
    UNKNOWN.replaceAll('-', ''),
    `urn:uuid:${UNKNOWN}`,
    '-'.repeat(36),
    'null',
    '%00',
    '%20',
    '..%2f..%2fusers',
    `${UNKNOWN}%00`,
    `${UNKNOWN}%0a`,
    "'%20or%20'1'='1",
    '*',
    '%EF%BC%91',
    'a'.repeat(100),
  ])('with the id %s is validation_failed or not found', async (id) => {
    const request = requestTo(operation, { ids: idsEverywhere(all, id), user });
    const answer = await api.request({ ...request, ...tokenFor(operation) });
    expect([404, 422], answer.body).toContain(answer.statusCode);
  });
});

describe('audit events', () => {
  it.each([
    '0000-00-00',
    '0000-01-01T00:00:00Z',
    '+275761-01-01T00:00:00Z',
    'infinity',
    '-infinity',
    'now()',
    'epoch',
    '9999999999999',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01T00:00:00+99:99',
    '2026-01-01 00:00:00',
    '2026-01-01T00:00:00',
    "2026-01-01T00:00:00Z'--",
  ])('are not asked for since or until %s', async (time) => {
    for (const name of ['since', 'until']) {
      const url = `/audit-events?${name}=${encodeURIComponent(time)}`;
      expectRefused(await api.request({ url, token: admin.access_token }), 422, 'validation_failed');
    }
  });
});

describe('all that was refused above', () => {
  it('has changed nothing', async () => {
    expect(await stateOf(api)).toEqual(before);
  });
});
