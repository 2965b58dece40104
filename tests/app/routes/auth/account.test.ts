import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { product } from '../../../../src/app/product.ts';
import { PASSWORD } from '../../../helpers/api.ts';
import { holdRows } from '../../../helpers/replicas.ts';
import { startWithNotes } from '../../../helpers/test-product.ts';

const api = startWithNotes();

const login = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });
const me = (token: string) => api.request({ url: '/auth/me', token });

describe('/auth/me', () => {
  it('challenges without an error where no token was sent, and with one where a bad one was (RFC 6750)', async () => {
    const none = await api.request({ url: '/auth/me' });
    expect([none.statusCode, none.json().code]).toEqual([401, 'not_authenticated']);
    expect(none.headers['www-authenticate']).toBe(`Bearer realm="${product.slug}"`);
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

  it('PATCH sets the language of the account’s mails, and refuses one that they are not written in', async () => {
    const user = await api.user({ name: 'Ada' });
    const patch = (payload: object) =>
      api.request({ method: 'PATCH', url: '/auth/me', token: user.access_token, payload });
    expect((await patch({ locale: 'pt' })).json()).toMatchObject({ locale: 'pt', name: 'Ada' });
    expect((await patch({ locale: 'nl' })).statusCode).toBe(422);
    expect((await patch({})).statusCode).toBe(422);
    expect((await patch({ locale: null })).json()).toMatchObject({ locale: null, name: 'Ada' });
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
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const changes = Promise.all(
      passwords.map((new_password) =>
        api.request({
          method: 'POST',
          url: '/auth/me/password',
          token: user.access_token,
          payload: { current_password: PASSWORD, new_password },
        }),
      ),
    );
    // Both have proved the present password.
    await row.awaitedBy(2);
    await row.release();
    const answers = await changes;
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([204, 409]);
    expect(answers.find((answer) => answer.statusCode === 409)?.json().code).toBe('conflict');
    const logins = await Promise.all(passwords.map((password) => login(user.email, password)));
    expect(logins.map((answer) => answer.statusCode)).toEqual(
      answers.map((answer) => (answer.statusCode === 204 ? 200 : 401)),
    );
  });

  it('DELETE of a user who is no administrator locks no administrator, however long it takes', async () => {
    const admin = await api.user();
    await api.sql(`update users set role = 'admin' where id = $1`, [admin.id]);
    const user = await api.user();
    const [holder, observer] = [new pg.Client(api.url), new pg.Client(api.url)];
    await Promise.all([holder.connect(), observer.connect()]);
    try {
      await holder.query('begin');
      await holder.query('select id from sessions where user_id = $1 for update', [user.id]);
      const closing = api.request({
        method: 'DELETE',
        url: '/auth/me',
        token: user.access_token,
        payload: { password: PASSWORD },
      });
      await expect
        .poll(async () => (await observer.query(`select 1 from pg_locks where not granted`)).rows.length, {
          timeout: 5000,
        })
        .toBeGreaterThan(0);
      const free = await observer.query('select id from users where id = $1 for update skip locked', [admin.id]);
      expect(free.rows).toEqual([{ id: admin.id }]);
      await holder.query('commit');
      expect((await closing).statusCode).toBe(204);
    } finally {
      await Promise.all([holder.end(), observer.end()]);
    }
  });

  it('DELETE takes the account and all that it owns, for the right password only', async () => {
    const user = await api.user();
    await api.request({ method: 'POST', url: '/kit-notes', token: user.access_token, payload: { title: 'mine' } });
    const close = (password: string) =>
      api.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload: { password } });
    expect((await close('wrong')).json().code).toBe('invalid_credentials');
    expect((await me(user.access_token)).statusCode).toBe(200);
    expect((await close(PASSWORD)).statusCode).toBe(204);
    expect((await me(user.access_token)).json().code).toBe('session_ended');
    const left = await api.sql(
      'select id from users where id = $1 union all select id from kit_notes where owner_id = $1 union all select id from sessions where user_id = $1',
      [user.id],
    );
    expect(left).toEqual([]);
  });
});
