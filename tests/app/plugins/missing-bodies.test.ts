import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi, type TestUser } from '../../helpers/api.ts';

const api = startApi({ PUBLIC_URL: 'http://localhost:8000' });

/** What clients say of a body that they do not send: `curl -d ''` the first. */
const TYPES = ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'application/octet-stream'];
const empty = (type: string) => ({ 'content-type': type, 'content-length': '0' });

const isAlive = async ({ access_token }: TestUser): Promise<boolean> =>
  (await api.sql('select from sessions where id = $1', [claimsOf(access_token).sid])).length > 0;

describe.each(TYPES)('nothing of type %s', (type) => {
  it('is no body: an operation that reads none goes on', async () => {
    const user = await api.user();
    const request = { method: 'POST', url: '/auth/logout', token: user.access_token } as const;
    expect((await api.request({ ...request, headers: { 'content-type': type }, payload: 'a=b' })).statusCode).toBe(415);
    expect(await isAlive(user)).toBe(true);
    expect((await api.request({ ...request, headers: empty(type) })).statusCode).toBe(204);
    expect(await isAlive(user)).toBe(false);
  });

  it('lets the cookie of the session be exchanged', async () => {
    const registered = await api.request({
      method: 'POST',
      url: '/auth/register',
      headers: { 'x-session': 'cookie' },
      payload: { email: `user-${crypto.randomUUID()}@example.com`, password: PASSWORD },
    });
    const cookie = String(registered.headers['set-cookie']).split(';')[0] ?? '';
    const headers = { ...empty(type), cookie, 'sec-fetch-site': 'same-origin' };
    expect((await api.request({ method: 'POST', url: '/auth/refresh', headers })).statusCode).toBe(200);
  });

  it('is answered as no body at all where fields are required', async () => {
    const answer = await api.request({ method: 'POST', url: '/auth/login', headers: empty(type) });
    const fields = answer.json().errors.map((error: { loc: string[]; type: string }) => [...error.loc, error.type]);
    expect([answer.statusCode, fields]).toEqual([
      422,
      [
        ['body', 'email', 'missing'],
        ['body', 'password', 'missing'],
      ],
    ]);
  });
});

describe('a missing body', () => {
  const close = (token: string, payload?: object) =>
    api.request({ method: 'DELETE', url: '/auth/me', token, ...(payload && { payload }) });

  it('deletes an account without a password in a fresh session, and none that has a password', async () => {
    const user = await api.user();
    const refused = await close(user.access_token);
    expect([refused.statusCode, refused.json().errors[0].loc]).toEqual([422, ['body', 'password']]);
    expect(await isAlive(user)).toBe(true);
    await api.sql('update users set password_hash = null where id = $1', [user.id]);
    expect((await close(user.access_token)).statusCode).toBe(204);
    expect(await api.sql('select from users where id = $1', [user.id])).toEqual([]);
  });

  it('is null in no JSON: that is a body', async () => {
    const user = await api.user();
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'DELETE', url: '/auth/me', token: user.access_token, headers, payload: 'null' } as const;
    expect((await api.request(request)).statusCode).toBe(422);
    expect(await isAlive(user)).toBe(true);
  });
});
