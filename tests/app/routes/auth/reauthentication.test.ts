import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD } from '../../../helpers/api.ts';
import { startFactorApi } from '../../../helpers/authenticator.ts';

const { api, post, verified } = startFactorApi();
const again = (payload: object, token: string) => post('/auth/me/reauthenticate', payload, token);

describe('POST /auth/me/reauthenticate', () => {
  it('makes the session fresh, and its next access token says when', async () => {
    const user = await verified();
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    expect((await post('/auth/me/factors', { type: 'totp' }, user.access_token)).statusCode).toBe(403);
    expect((await again({ password: PASSWORD }, user.access_token)).statusCode).toBe(204);
    expect((await post('/auth/me/factors', { type: 'totp' }, user.access_token)).statusCode).toBe(201);
    const refreshed = await post('/auth/refresh', { refresh_token: user.refresh_token });
    const { auth_time, amr, acr } = claimsOf(refreshed.json().access_token);
    expect(Math.abs(Number(auth_time) - Date.now() / 1000)).toBeLessThan(60);
    expect([amr, acr]).toEqual([['pwd'], '1']);
  });

  it('answers 401 for a wrong password, and the session is as stale as before', async () => {
    const user = await verified();
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    const answer = await again({ password: 'wrong password' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_credentials']);
    expect((await post('/auth/me/factors', { type: 'totp' }, user.access_token)).statusCode).toBe(403);
  });

  it('does not make another session of the account fresh', async () => {
    const user = await verified();
    const other = (await post('/auth/login', { email: user.email, password: PASSWORD })).json();
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    expect((await again({ password: PASSWORD }, user.access_token)).statusCode).toBe(204);
    expect((await post('/auth/me/factors', { type: 'totp' }, other.access_token)).statusCode).toBe(403);
  });

  it('takes no code of an account without a factor', async () => {
    const user = await verified();
    const answer = await again({ code: '123456' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_credentials']);
  });

  it.each([{}, { password: PASSWORD, code: '123456' }])('wants exactly one proof: %j', async (payload) => {
    const user = await verified();
    expect((await again(payload, user.access_token)).statusCode).toBe(422);
  });
});
