import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../../../helpers/api.ts';
import { eventually } from '../../../helpers/own-postgres.ts';
import { explain, type Query, statementsOf } from '../../../helpers/plans.ts';

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

  it('finds by the beginnings of words of the address and the name, in any case, and takes signs as spaces', async () => {
    const admin = await api.admin();
    for (const [email, name] of [
      ['grace.hopper@navy.example.com', 'Grace Brewster Murray'],
      ['g_hopper-2@mail.example.org', 'Zoë O’Hopper-Navy'],
      ['nobody@hopper.example.net', undefined],
    ] as const)
      await api.user({ email, ...(name !== undefined && { name }) });
    const found = async (q: string) => {
      const response = await api.request({ url: '/users', query: { q }, token: admin.access_token });
      expect(response.statusCode).toBe(200);
      return response.json<{ items: { email: string }[] }>().items.map(({ email }) => email);
    };
    const [first, second, third] = [
      'grace.hopper@navy.example.com',
      'g_hopper-2@mail.example.org',
      'nobody@hopper.example.net',
    ];
    expect(await found('hopp')).toEqual([third, second, first]);
    expect(await found('HOPPER navy')).toEqual([second, first]);
    expect(await found('grace.hopper@navy')).toEqual([first]);
    expect(await found('murr gra')).toEqual([first]);
    expect(await found('zoë')).toEqual([second]);
    for (const nothing of ['opper', '%', '.@', "' | 'a", ':*', 'hopper zzz']) expect(await found(nothing)).toEqual([]);
  });

  it('finds all that match once, page by page, be they among the newest accounts or far behind them', async () => {
    const admin = await api.admin();
    const addAll = (prefix: string, count: number, domain: string) =>
      api.sql(
        `insert into users (id, email, role)
         select ($1 || lpad(to_hex(n), 12, '0'))::uuid, $1 || '-' || n || '@' || $2, 'user' from generate_series(1, $3::int) n`,
        [prefix, domain, count],
      );
    await addAll('00000000-0000-7000-a000-', 5, 'old.example.com');
    await addAll('00000000-0001-7000-a000-', 5100, 'new.example.com');
    const walk = async (filter: Record<string, string>) => {
      const seen: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query: Record<string, string> = { ...filter, ...(cursor && { cursor }) };
        const page = (await api.request({ url: '/users', query, token: admin.access_token })).json();
        seen.push(...page.items.map(({ email }: { email: string }) => email));
        cursor = page.next_cursor;
      }
      return seen;
    };
    expect(await walk({ q: 'old', limit: '2' })).toHaveLength(5);
    const all = await walk({ q: 'new example', limit: '100' });
    expect([all.length, new Set(all).size]).toEqual([5100, 5100]);
    expect(await walk({ q: 'example', email: '00000000-0000-7000-a000--3@', role: 'user' })).toHaveLength(1);
    expect(await walk({ q: 'old', role: 'admin' })).toEqual([]);
    await api.sql('analyze users');
    const asked = await statementsOf(() => walk({ q: 'old' }));
    const client = new pg.Client(api.url);
    await client.connect();
    const query: Query = async (text) => (await client.query(text)).rows;
    const plans = asked.filter(({ text }) => text.includes('offset 0'));
    expect(plans).toHaveLength(1);
    for (const statement of plans)
      expect(JSON.stringify(await explain(query, statement, 'format json'))).toContain('users_words_idx');
    await client.end();
    await api.sql(`update users set removing = 'account' where email like '00000000-0000-7000-a000--1@%'`);
    expect(await walk({ q: 'old' })).toHaveLength(4);
    await api.sql(`delete from users where email like '00000000-000_-7000-%'`);
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

  it.each([
    ['disabled', { method: 'PATCH', payload: { is_active: false } }, 200],
    ['deleted', { method: 'DELETE' }, 204],
  ] as const)('is not the one who is promoted while being %s beside another', async (_, request, status) => {
    const [admin, user] = [await api.admin(), await api.user()];
    const promoting = new pg.Client({ connectionString: api.url });
    await promoting.connect();
    try {
      await promoting.query('begin');
      await promoting.query(`update users set role = 'admin' where id = $1`, [user.id]);
      const leaving = api.request({ ...request, url: `/users/${user.id}`, token: admin.access_token });
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await eventually('the change waits', async () => (await api.sql(waiting)).length > 0);
      await promoting.query('commit');
      expect((await leaving).statusCode).toBe(status);
    } finally {
      await promoting.end();
    }
    expect(await api.sql('select from users where id = $1 and is_active', [user.id])).toEqual([]);
  });
});
