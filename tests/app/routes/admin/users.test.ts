import { describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../../../helpers/api.ts';

const api = startApi();

describe('GET /users', () => {
  it('finds by the beginning of the address, whatever the case, and takes wildcards literally', async () => {
    const admin = await api.admin();
    await api.user({ email: 'prefix-one@example.com' });
    await api.user({ email: 'prefix_two@example.com' });
    const found = async (email: string) => {
      const response = await api.request({ url: '/users', query: { email }, token: admin.access_token });
      expect(response.statusCode).toBe(200);
      return response.json<{ items: { email: string }[] }>().items.map((user) => user.email);
    };
    expect(await found('PREFIX')).toEqual(['prefix_two@example.com', 'prefix-one@example.com']);
    expect(await found('prefix_')).toEqual(['prefix_two@example.com']);
    expect(await found('%')).toEqual([]);
  });

  it('pages newest first without losing or repeating a user', async () => {
    const admin = await api.admin();
    for (let n = 0; n < 5; n++) await api.user({ email: `page-${n}@example.com` });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { email: 'page-', limit: '2', ...(cursor !== null && { cursor }) };
      const page = (await api.request({ url: '/users', query, token: admin.access_token })).json();
      seen.push(...page.items.map((user: { email: string }) => user.email));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([4, 3, 2, 1, 0].map((n) => `page-${n}@example.com`));
  });

  it('is refused to everybody but administrators', async () => {
    const user = await api.user();
    expect((await api.request({ url: '/users' })).json().code).toBe('not_authenticated');
    expect((await api.request({ url: '/users', token: user.access_token })).json().code).toBe('forbidden');
  });
});

describe('POST /users', () => {
  it('opens an account that can log in, with the role asked for', async () => {
    const admin = await api.admin();
    const payload = { email: 'Made@Example.com', password: PASSWORD, name: 'Made', role: 'admin' };
    const response = await api.request({ method: 'POST', url: '/users', token: admin.access_token, payload });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ email: 'made@example.com', name: 'Made', role: 'admin', is_active: true });
    const login = await api.request({
      method: 'POST',
      url: '/auth/login',
      payload: { email: 'made@example.com', password: PASSWORD },
    });
    expect(login.statusCode).toBe(200);
  });
});

describe('PATCH /users/{id}', () => {
  it('ends every session of a user that it disables, and lets none begin', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const payload = { is_active: false };
    const response = await api.request({
      method: 'PATCH',
      url: `/users/${user.id}`,
      token: admin.access_token,
      payload,
    });
    expect(response.json()).toMatchObject({ id: user.id, is_active: false });
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(401);
    const login = await api.request({
      method: 'POST',
      url: '/auth/login',
      payload: { email: user.email, password: PASSWORD },
    });
    expect(login.json().code).toBe('account_disabled');
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
  });

  it('takes an administrator’s rights at once, whatever the token says', async () => {
    const [admin, other] = [await api.admin(), await api.admin()];
    await api.request({
      method: 'PATCH',
      url: `/users/${other.id}`,
      token: admin.access_token,
      payload: { role: 'user' },
    });
    expect((await api.request({ url: '/users', token: other.access_token })).statusCode).toBe(403);
  });
});

describe('the last administrator', () => {
  it('can be neither demoted, disabled nor deleted, and two who go at once leave one', async () => {
    await api.sql(`update users set role = 'user'`);
    const [first, second] = [await api.admin(), await api.admin()];
    const changes = [{ role: 'user' }, { is_active: false }];
    const leave = (by: typeof first, who: typeof first) =>
      api.request({ method: 'DELETE', url: `/users/${who.id}`, token: by.access_token });
    const answers = await Promise.all([leave(first, first), leave(second, second)]);
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([204, 409]);
    const [left] = await api.sql<{ id: string }>(`select id from users where role = 'admin' and is_active`);
    const remaining = left?.id === first.id ? first : second;
    for (const payload of changes) {
      const response = await api.request({
        method: 'PATCH',
        url: `/users/${remaining.id}`,
        token: remaining.access_token,
        payload,
      });
      expect(response.json().code).toBe('last_admin');
    }
    const own = await api.request({
      method: 'DELETE',
      url: '/auth/me',
      token: remaining.access_token,
      payload: { password: PASSWORD },
    });
    expect(own.json().code).toBe('last_admin');
    expect(await api.sql(`select 1 from users where role = 'admin' and is_active`)).toHaveLength(1);
  });
});
