import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { product } from '../../../../src/app/product.ts';
import { claimsOf, PASSWORD, startApi, tokenForm } from '../../../helpers/api.ts';

const api = startApi();

const login = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });
const form = (fields: Record<string, string>, more: Record<string, string> = {}) => {
  const { headers, ...request } = tokenForm(fields);
  return api.request({ ...request, headers: { ...headers, ...more } });
};
const me = (token: string) => api.request({ url: '/auth/me', token });

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
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="${product.slug}"`);
      expect({ ...answer.json(), request_id: '' }).toEqual({ ...answers[0]?.json(), request_id: '' });
    }
  });

  it.each([
    ['has a second factor', 'has_factor = true', 403, 'mfa_required'],
    ['is disabled', 'is_active = false', 403, 'account_disabled'],
    ['has another password', `password_version = password_version + 1`, 401, 'invalid_credentials'],
  ])('judges a right password by the state of an account that %s meanwhile', async (_what, change, status, code) => {
    const user = await api.user();
    const { hasher } = api.app.ctx;
    const verify = hasher.verify.bind(hasher);
    const spy = vi.spyOn(hasher, 'verify').mockImplementationOnce(async (...proof) => {
      const isRight = await verify(...proof);
      await api.sql(`update users set ${change} where id = $1`, [user.id]);
      return isRight;
    });
    onTestFinished(() => spy.mockRestore());
    const answer = await login(user.email, PASSWORD);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    const sessions = await api.sql('select count(*)::int from sessions where user_id = $1', [user.id]);
    expect(sessions).toEqual([{ count: 1 }]);
  });

  it('accepts the hashes that passlib wrote and rehashes a cheaper one once', async () => {
    const dearer = await buildApp({ ...api.config, bcrypt_cost: 10 }, { log: api.app.log });
    onTestFinished(() => dearer.close());
    const login = (email: string, password: string) =>
      dearer.inject({ method: 'POST', url: '/auth/login', payload: { email, password } });
    // bcrypt of "passlib password" at cost 4, in the three prefixes that exist.
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

  it('tells an OAuth client why, in the words of RFC 6749', async () => {
    const user = await api.user();
    const refusals: [Record<string, string>, number, string][] = [
      [{ username: user.email, password: 'wrong horse' }, 401, 'invalid_grant'],
      [{ grant_type: 'refresh_token', refresh_token: 'x' }, 401, 'invalid_grant'],
      [{ grant_type: 'client_credentials', username: 'a@b.co', password: 'x' }, 422, 'unsupported_grant_type'],
      [{ grant_type: 'password', username: 'a@b.co' }, 422, 'invalid_request'],
    ];
    for (const [fields, status, error] of refusals) {
      const response = await form(fields);
      const { detail, ...problem } = response.json();
      expect([response.statusCode, problem.error, problem.error_description]).toEqual([status, error, detail]);
    }
    expect((await login(user.email, 'wrong horse')).json()).not.toHaveProperty('error');
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
