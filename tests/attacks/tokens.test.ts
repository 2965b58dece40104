import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, SECRET_KEY, startApi } from '../helpers/api.ts';
import { encode, sign } from '../helpers/forged-tokens.ts';

const api = startApi({ LOG_LEVEL: 'warn' });
const HEADER = { alg: 'HS256', typ: 'at+jwt' };

const me = (token: string) => api.request({ url: '/auth/me', token });

let token: string;
let claims: Record<string, unknown>;
beforeAll(async () => {
  token = (await api.user()).access_token;
  claims = claimsOf(token);
});

describe('a changed token', () => {
  it('with no algorithm is refused with the old signature kept, too', async () => {
    const [, payload, signature] = token.split('.');
    for (const alg of ['none', 'None', 'none ', '', null, 5, {}])
      for (const end of ['', signature])
        expect((await me(`${encode({ ...HEADER, alg })}.${payload}.${end}`)).json().code).toBe('token_invalid');
  });

  it('is refused with the same words whether it has expired or not', async () => {
    const answers = await Promise.all(
      [60, -60].map((seconds) =>
        me(sign(HEADER, { ...claims, exp: Math.floor(Date.now() / 1000) + seconds }, 'x'.repeat(40))),
      ),
    );
    const [valid, expired] = answers.map((answer) => ({ ...answer.json(), request_id: '' }));
    expect(expired).toEqual(valid);
  });

  it('is refused under every key that is not ours: empty, of zeros, its own header, the public name', async () => {
    for (const key of ['', '\0'.repeat(32), encode(HEADER), 'back-api', Buffer.from(SECRET_KEY, 'base64')])
      expect((await me(sign(HEADER, claims, key))).json().code).toBe('token_invalid');
  });
});

describe('a token that names a key elsewhere', () => {
  it('is refused without a connection to there', async () => {
    const visitors: unknown[] = [];
    const listener = createServer((socket) => visitors.push(socket.destroy())).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
    for (const more of [
      { jku: url },
      { x5u: url },
      { kid: url },
      { jwk: { kty: 'oct', k: encode('k') } },
      { x5c: [url] },
    ])
      expect((await me(sign({ ...HEADER, ...more }, { ...claims, iss: url }))).json().code).toBe('token_invalid');
    for (const more of [{ jku: url }, { x5u: url }]) await me(sign({ ...HEADER, ...more }, claims));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(visitors).toEqual([]);
    listener.close();
  });
});

describe('a token in the wrong place', () => {
  it('is none in a form, a cookie or another header', async () => {
    const places = [
      { headers: { cookie: `access_token=${token}; Authorization=Bearer ${token}` } },
      { headers: { 'x-access-token': token, 'proxy-authorization': `Bearer ${token}` } },
      { query: { authorization: `Bearer ${token}` } },
    ];
    for (const place of places)
      expect((await api.request({ url: '/auth/me', ...place })).json().code).toBe('not_authenticated');
    const form = `access_token=${token}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const logout = await api.request({ method: 'POST', url: '/auth/logout', headers: type, payload: form });
    expect([401, 415]).toContain(logout.statusCode);
    expect((await me(token)).statusCode).toBe(200);
  });
});

describe('a token with a right signature in another spelling', () => {
  const signText = (header: string, payload: string, suffix = ''): string => {
    const input = `${header}.${payload}`;
    return `${input}.${createHmac('sha256', SECRET_KEY).update(input).digest('base64url')}${suffix}`;
  };
  const bytes = (...parts: (string | number[])[]): string =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string))).toString('base64url');
  const header = encode(HEADER);
  const withName = (): string => {
    const text = JSON.stringify({ ...claims, aud: claims.aud });
    return Buffer.from(text).toString('base64url');
  };

  it.each<[string, () => string]>([
    ['padding of the payload', () => signText(header, `${withName()}=`)],
    ['padding of the header', () => signText(`${header}==`, withName())],
    ['padding of the signature', () => signText(header, withName(), '=')],
    ['a space behind', () => signText(header, withName(), ' ')],
    ['a line break in the payload', () => signText(header, `${withName().slice(0, 9)}\n${withName().slice(9)}`)],
    [
      'plus and slash',
      () =>
        signText(
          header,
          Buffer.from(JSON.stringify({ ...claims, x: '>>>???' }))
            .toString('base64')
            .replace(/=+$/, ''),
        ),
    ],
    ['spare bits in the payload', () => signText(header, spareBits({ ...claims }))],
    [
      'invalid UTF-8 in a claim',
      () => signText(header, bytes(JSON.stringify(claims).slice(0, -1), ',"x":"', [0xff], '"}')),
    ],
    [
      'half a surrogate pair in a claim',
      () => signText(header, bytes(JSON.stringify(claims).slice(0, -1), ',"x":"', [0xed, 0xa0, 0x80], '"}')),
    ],
    [
      'invalid UTF-8 in the header',
      () => signText(bytes('{"alg":"HS256","typ":"at+jwt","kid":"', [0xc0, 0xaf], '"}'), withName()),
    ],
    ['a byte order mark before the claims', () => signText(header, bytes([0xef, 0xbb, 0xbf], JSON.stringify(claims)))],
    ['a fourth segment', () => `${signText(header, withName())}.`],
  ])('with %s is token_invalid', async (_what, make) => {
    expect((await me(signText(header, withName()))).statusCode).toBe(200);
    const { statusCode, json } = await api.request({ url: '/auth/me', headers: { authorization: `Bearer ${make()}` } });
    expect([statusCode, ['token_invalid', 'not_authenticated', 'malformed_request'].includes(json().code)]).toEqual([
      401,
      true,
    ]);
  });

  /** A payload whose last character has bits that its bytes do not need. */
  function spareBits(claims: Record<string, unknown>): string {
    for (let pad = ''; ; pad += 'x') {
      const segment = encode({ ...claims, pad });
      if (segment.length % 4 === 0) continue;
      const next = String.fromCharCode(segment.charCodeAt(segment.length - 1) + 1);
      return segment.slice(0, -1) + next;
    }
  }
});

describe('a refresh token whose counter is out of range', () => {
  it.each([-1, 0.5, 2 ** 31, 2 ** 53, 1e300, '1', null, [1]])('such as %j is token_invalid', async (ctr) => {
    const { refresh_token } = await api.user();
    const refresh = (refresh_token: string) =>
      api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
    const forged = sign({ alg: 'HS256', typ: 'refresh+jwt' }, { ...claimsOf(refresh_token), ctr });
    const answer = await refresh(forged);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'token_invalid']);
    expect((await refresh(refresh_token)).statusCode).toBe(200);
  });
});
