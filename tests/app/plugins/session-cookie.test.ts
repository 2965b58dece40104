import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi } from '../../helpers/api.ts';

const api = startApi({ PUBLIC_URL: 'https://api.example.com', CORS_ORIGINS: 'https://app.example.com' });
const plain = startApi({ PUBLIC_URL: 'http://localhost:8000' });

const OWN = { 'sec-fetch-site': 'same-origin' };
type Headers = Record<string, string>;

const register = (headers: Headers = { 'x-session': 'cookie' }) =>
  api.request({
    method: 'POST',
    url: '/auth/register',
    headers,
    payload: { email: `user-${crypto.randomUUID()}@example.com`, password: PASSWORD },
  });
const refresh = (headers: Headers, payload?: object) =>
  api.request({ method: 'POST', url: '/auth/refresh', headers, ...(payload && { payload }) });
const cookieOf = (setCookie: unknown): string => String(setCookie).split(';')[0] ?? '';
const CLEARED = '__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict';

/** A session whose refresh token is in the cookie. */
async function begin(): Promise<{ cookie: string; token: string; sid: string }> {
  const answer = await register();
  const { access_token } = answer.json();
  return {
    cookie: cookieOf(answer.headers['set-cookie']),
    token: access_token,
    sid: String(claimsOf(access_token).sid),
  };
}

const isAlive = async (sid: string): Promise<boolean> =>
  (await api.sql('select from sessions where id = $1', [sid])).length > 0;

describe('X-Session: cookie', () => {
  it('puts the refresh token into a cookie of this host that no script reads, and not into the body', async () => {
    const answer = await register();
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 3600 });
    const [name, ...attributes] = String(answer.headers['set-cookie']).split('; ');
    expect(name).toMatch(/^__Host-session=[\w-]+\.[\w-]+\.[\w-]+$/);
    const [age, ...rest] = attributes;
    expect(rest).toEqual(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']);
    const seconds = Number(age?.replace('Max-Age=', ''));
    expect(seconds).toBeGreaterThan(7 * 86_400 - 60);
    expect(seconds).toBeLessThanOrEqual(7 * 86_400);
  });

  it('is asked for by this word alone', async () => {
    for (const headers of [{}, { 'x-session': 'bearer' }, { 'x-session': '' }]) {
      const answer = await register(headers);
      expect(answer.json()).toHaveProperty('refresh_token');
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });

  it('has no prefix and no Secure over plain http', async () => {
    const answer = await plain.request({
      method: 'POST',
      url: '/auth/register',
      headers: { 'x-session': 'cookie' },
      payload: { email: 'ada@example.com', password: PASSWORD },
    });
    expect(answer.headers['set-cookie']).toMatch(/^session=[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
  });
});

describe('POST /auth/refresh by the cookie', () => {
  it.each<Headers>([OWN, { origin: 'https://app.example.com' }, { origin: 'https://api.example.com' }])(
    'answers by the cookie to %j',
    async (from) => {
      const { cookie } = await begin();
      const answer = await refresh({ cookie, ...from });
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.json()).not.toHaveProperty('refresh_token');
      expect(cookieOf(answer.headers['set-cookie'])).not.toBe(cookie);
    },
  );

  it.each<Headers>([
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' },
    { origin: 'null' },
    { origin: 'https://evil.example' },
  ])('L19: is cross_site_request to %j, and nothing changes', async (from) => {
    const { cookie, sid } = await begin();
    const answer = await refresh({ cookie, ...from });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'cross_site_request']);
    expect(await api.sql('select counter from sessions where id = $1', [sid])).toEqual([{ counter: 0 }]);
  });

  it('lets a body beside the cookie win', async () => {
    const [mine, other] = [await begin(), await register({})];
    const answer = await refresh({ cookie: mine.cookie }, { refresh_token: other.json().refresh_token });
    expect(claimsOf(answer.json().access_token).sid).toBe(claimsOf(other.json().access_token).sid);
    expect(answer.json()).toHaveProperty('refresh_token');
  });

  it('clears a cookie that is refused', async () => {
    const { cookie, sid } = await begin();
    await api.sql('delete from sessions where id = $1', [sid]);
    const answer = await refresh({ cookie, ...OWN });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([401, CLEARED]);
    const noToken = await refresh({ cookie: '__Host-session=x', ...OWN });
    expect([noToken.statusCode, noToken.headers['set-cookie']]).toEqual([401, CLEARED]);
    const tooLong = await refresh({ cookie: `__Host-session=${'x'.repeat(5000)}`, ...OWN });
    expect([tooLong.statusCode, tooLong.json().code, tooLong.headers['set-cookie']]).toEqual([
      401,
      'token_invalid',
      CLEARED,
    ]);
  });

  it('is validation_failed without a body and without a cookie', async () => {
    expect((await refresh(OWN)).statusCode).toBe(422);
    expect((await refresh({ ...OWN, cookie: 'other=1; __Host-session=' })).statusCode).toBe(422);
  });
});

describe('POST /auth/logout', () => {
  const logout = (headers: Headers, payload?: object) =>
    api.request({ method: 'POST', url: '/auth/logout', headers, ...(payload && { payload }) });

  it('ends the session by the cookie alone, and clears it', async () => {
    const { cookie, sid } = await begin();
    const answer = await logout({ cookie, ...OWN });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([204, CLEARED]);
    expect(await isAlive(sid)).toBe(false);
  });

  it('ends it by the access token, and clears the cookie beside it', async () => {
    const { cookie, token, sid } = await begin();
    const answer = await logout({ cookie, authorization: `Bearer ${token}` });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([204, CLEARED]);
    expect(await isAlive(sid)).toBe(false);
  });

  it.each([undefined, { any: 'thing' }])(
    'is cross_site_request from another site, with the body %j',
    async (payload) => {
      const { cookie, sid } = await begin();
      const answer = await logout({ cookie, 'sec-fetch-site': 'cross-site' }, payload);
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'cross_site_request']);
      expect(await isAlive(sid)).toBe(true);
    },
  );
});

describe('the cookie', () => {
  it('opens no other route', async () => {
    const { cookie } = await begin();
    for (const url of ['/auth/me', '/auth/sessions']) {
      const answer = await api.request({ url, headers: { cookie, ...OWN } });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 401, 'not_authenticated']);
    }
  });

  it('may be sent by the allowed origins: CORS allows credentials and X-Session', async () => {
    const preflight = await api.request({
      method: 'OPTIONS',
      url: '/auth/refresh',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-session',
      },
    });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': expect.stringContaining('x-session'),
    });
    const other = await api.request({ url: '/health/live', headers: { origin: 'https://evil.example' } });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
