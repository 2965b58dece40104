import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi, tokenForm } from '../../../helpers/api.ts';

const api = startApi();

const register = (payload: object) => api.request({ method: 'POST', url: '/auth/register', payload });
const login = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });
const form = (fields: Record<string, string>, more: Record<string, string> = {}) => {
  const { headers, ...request } = tokenForm(fields);
  return api.request({ ...request, headers: { ...headers, ...more } });
};
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
    ['password_too_common', 'back-api1'],
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

describe('POST /auth/login', () => {
  it('starts a session for the address in any case', async () => {
    const user = await api.user();
    const response = await login(` ${user.email.toUpperCase()} `, PASSWORD);
    expect(response.statusCode).toBe(200);
    expect((await me(response.json().access_token)).json().id).toBe(user.id);
  });

  it('answers invalid_credentials alike for a wrong password, an unknown address and no address at all', async () => {
    const user = await api.user();
    const answers = [
      await login(user.email, `${PASSWORD}!`),
      await login('nobody@example.com', PASSWORD),
      await login('no address', PASSWORD),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="back-api"');
      expect({ ...answer.json(), request_id: '' }).toEqual({ ...answers[0]?.json(), request_id: '' });
    }
  });

  it('accepts the hashes that passlib wrote and rehashes a cheaper one once', async () => {
    // bcrypt of "passlib password" at cost 10, in the three prefixes that exist.
    const hash = (await import('bcrypt')).default.hashSync('passlib password', 4);
    for (const prefix of ['$2a$', '$2b$', '$2y$']) {
      const user = await api.user();
      await api.sql('update users set password_hash = $2 where id = $1', [user.id, hash.replace('$2b$', prefix)]);
      expect((await login(user.email, 'passlib password')).statusCode).toBe(200);
      const [after] = await api.sql<{ password_hash: string }>('select password_hash from users where id = $1', [
        user.id,
      ]);
      expect(after?.password_hash).toMatch(/^\$2b\$10\$/);
      expect((await login(user.email, 'passlib password')).statusCode).toBe(200);
      const [again] = await api.sql<{ password_hash: string }>('select password_hash from users where id = $1', [
        user.id,
      ]);
      expect(again).toEqual(after);
    }
  });
});

describe('POST /auth/token', () => {
  it('logs in by the password grant, ignoring the Basic header of a client without a name', async () => {
    const user = await api.user();
    const empty = { authorization: `Basic ${Buffer.from(':').toString('base64')}` };
    for (const fields of [{ grant_type: 'password' }, {}]) {
      const response = await form({ ...fields, username: user.email, password: PASSWORD, scope: '' }, empty);
      expect(response.statusCode).toBe(200);
      expect((await me(response.json().access_token)).json().id).toBe(user.id);
    }
  });

  it('refreshes by the refresh_token grant', async () => {
    const user = await api.user();
    const response = await form({ grant_type: 'refresh_token', refresh_token: user.refresh_token });
    expect(response.statusCode).toBe(200);
    expect(claimsOf(response.json().refresh_token)).toMatchObject({ sub: user.id, ctr: 1 });
  });

  it.each([
    [{}, ['username', 'password']],
    [{ grant_type: 'password', username: 'a@b.co' }, ['password']],
    [{ grant_type: 'refresh_token' }, ['refresh_token']],
    [{ grant_type: 'client_credentials', username: 'a@b.co', password: 'x' }, ['grant_type']],
  ])('names what %j lacks, and nothing of the other grant', async (fields, named) => {
    const { status, code, errors } = (await form(fields)).json();
    expect([status, code]).toEqual([422, 'validation_failed']);
    expect(errors.map(({ loc }: { loc: string[] }) => loc)).toEqual(named.map((name) => ['body', name]));
  });

  it('reads nothing but a form, and no other grant', async () => {
    const json = await api.request({
      method: 'POST',
      url: '/auth/token',
      payload: { username: 'a@b.co', password: 'x' },
    });
    expect([json.statusCode, json.json().code]).toEqual([415, 'unsupported_media_type']);
    const grant = await form({ grant_type: 'client_credentials', username: 'a@b.co', password: 'x' });
    expect(grant.json().code).toBe('validation_failed');
    const login = await api.request({
      method: 'POST',
      url: '/auth/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'email=a%40b.co&password=x',
    });
    expect(login.statusCode).toBe(415);
  });
});

describe('/auth/me', () => {
  it('challenges without an error where no token was sent, and with one where a bad one was (RFC 6750)', async () => {
    const none = await api.request({ url: '/auth/me' });
    expect([none.statusCode, none.json().code]).toEqual([401, 'not_authenticated']);
    expect(none.headers['www-authenticate']).toBe('Bearer realm="back-api"');
    const bad = await me('x.y.z');
    expect([bad.statusCode, bad.json().code]).toEqual([401, 'token_invalid']);
    expect(bad.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('PATCH changes the name, to null too, and nothing else', async () => {
    const user = await api.user();
    const patch = (payload: object) =>
      api.request({ method: 'PATCH', url: '/auth/me', token: user.access_token, payload });
    expect((await patch({ name: 'Renamed' })).json().name).toBe('Renamed');
    expect((await patch({ name: null })).json().name).toBeNull();
    expect((await patch({ name: 'x', role: 'admin' })).statusCode).toBe(422);
    expect((await me(user.access_token)).json()).toMatchObject({ name: null, role: 'user' });
  });

  it('POST /auth/me/password sets the new password and ends the other sessions', async () => {
    const user = await api.user();
    const other = (await login(user.email, PASSWORD)).json();
    const response = await api.request({
      method: 'POST',
      url: '/auth/me/password',
      token: user.access_token,
      payload: { current_password: PASSWORD, new_password: 'another horse, another staple' },
    });
    expect(response.statusCode).toBe(204);
    expect((await me(user.access_token)).statusCode).toBe(200);
    expect((await me(other.access_token)).json().code).toBe('session_ended');
    expect((await login(user.email, PASSWORD)).statusCode).toBe(401);
    expect((await login(user.email, 'another horse, another staple')).statusCode).toBe(200);
  });

  it.each([
    ['invalid_credentials', 401, { current_password: 'wrong', new_password: 'another horse, another staple' }],
    ['password_unchanged', 422, { current_password: PASSWORD, new_password: PASSWORD }],
    ['password_too_common', 422, { current_password: PASSWORD, new_password: 'iloveyou1' }],
  ])('POST /auth/me/password answers %s and changes nothing', async (code, status, payload) => {
    const user = await api.user();
    const before = await api.sql('select * from users where id = $1', [user.id]);
    const response = await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(await api.sql('select * from users where id = $1', [user.id])).toEqual(before);
  });

  it('of two password changes at once one wins and the other gets a conflict', async () => {
    const user = await api.user();
    const passwords = ['the first of two passwords', 'the second of two passwords'];
    const answers = await Promise.all(
      passwords.map((new_password) =>
        api.request({
          method: 'POST',
          url: '/auth/me/password',
          token: user.access_token,
          payload: { current_password: PASSWORD, new_password },
        }),
      ),
    );
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([204, 409]);
    expect(answers.find((answer) => answer.statusCode === 409)?.json().code).toBe('conflict');
    const logins = await Promise.all(passwords.map((password) => login(user.email, password)));
    expect(logins.map((answer) => answer.statusCode)).toEqual(
      answers.map((answer) => (answer.statusCode === 204 ? 200 : 401)),
    );
  });

  it('DELETE takes the account and all that it owns, for the right password only', async () => {
    const user = await api.user();
    await api.request({ method: 'POST', url: '/items', token: user.access_token, payload: { title: 'mine' } });
    const close = (password: string) =>
      api.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload: { password } });
    expect((await close('wrong')).json().code).toBe('invalid_credentials');
    expect((await me(user.access_token)).statusCode).toBe(200);
    expect((await close(PASSWORD)).statusCode).toBe(204);
    expect((await me(user.access_token)).json().code).toBe('session_ended');
    const left = await api.sql(
      'select id from users where id = $1 union all select id from items where owner_id = $1 union all select id from sessions where user_id = $1',
      [user.id],
    );
    expect(left).toEqual([]);
  });
});
