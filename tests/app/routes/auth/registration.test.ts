import { describe, expect, it } from 'vitest';
import { product } from '../../../../src/app/product.ts';
import { claimsOf, PASSWORD, startApi } from '../../../helpers/api.ts';

const api = startApi();

const register = (payload: object) => api.request({ method: 'POST', url: '/auth/register', payload });
const me = (token: string) => api.request({ url: '/auth/me', token });

describe('POST /auth/register', () => {
  it('opens the account under the canonical address and answers with a token pair', async () => {
    const response = await register({ email: ' Ada@Example.COM ', password: PASSWORD, name: 'Ada' });
    expect(response.statusCode).toBe(201);
    expect(response.headers['cache-control']).toBe('no-store');
    const pair = response.json();
    expect(pair).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
    });
    const user = (await me(pair.access_token)).json();
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/),
      email: 'ada@example.com',
      name: 'Ada',
      email_verified: false,
      has_password: true,
      locale: null,
      role: 'user',
      is_active: true,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.any(String),
    });
  });

  it('writes the claims of the contract into both tokens', async () => {
    const user = await api.user();
    const access = claimsOf(user.access_token);
    expect(access).toEqual({
      sub: user.id,
      sid: expect.any(String),
      type: 'access',
      role: 'user',
      auth_time: expect.any(Number),
      amr: ['pwd'],
      acr: '1',
      iss: 'back-api',
      aud: 'back-api',
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(access.iat) + 3600,
    });
    const refresh = claimsOf(user.refresh_token);
    expect(refresh).toEqual({
      sub: user.id,
      sid: access.sid,
      type: 'refresh',
      ctr: 0,
      iss: 'back-api',
      aud: 'back-api',
      iat: expect.any(Number),
      exp: Number(refresh.iat) + 7 * 86_400,
    });
  });

  it('answers email_taken for an address in any case, and changes nothing', async () => {
    const user = await api.user();
    const before = await api.sql('select * from users order by id');
    const response = await register({ email: user.email.toUpperCase(), password: PASSWORD });
    expect([response.statusCode, response.json().code]).toEqual([409, 'email_taken']);
    expect(await api.sql('select * from users order by id')).toEqual(before);
  });

  it.each([
    ['password_too_short', '7 chars'],
    ['password_too_long', 'x'.repeat(73)],
    ['password_too_long', '😃'.repeat(19)],
    ['password_too_common', 'password123'],
    ['password_too_common', `${product.slug}1`],
  ])('answers %s with the field, and makes no account', async (code, password) => {
    const response = await register({ email: 'weak@example.com', password });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code, errors: [{ loc: ['body', 'password'], type: code }] });
    expect(await api.sql(`select 1 from users where email = 'weak@example.com'`)).toEqual([]);
  });

  it('refuses unknown fields in FastAPI’s form of errors', async () => {
    const response = await register({ email: 'x@example.com', password: PASSWORD, role: 'admin' });
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({
      type: expect.stringMatching(/^[a-z]+:/),
      title: 'Validation failed',
      status: 422,
      detail: expect.any(String),
      code: 'validation_failed',
      request_id: response.headers['x-request-id'],
      errors: [{ loc: ['body', 'role'], msg: expect.any(String), type: 'extra_forbidden' }],
    });
  });
});
