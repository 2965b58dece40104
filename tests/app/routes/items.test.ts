import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startApi, type TestUser } from '../../helpers/api.ts';

const api = startApi();

const create = (user: TestUser, payload: object) =>
  api.request({ method: 'POST', url: '/items', token: user.access_token, payload });

describe('PATCH /items/{id} with what is stored', () => {
  it('writes nothing: not even the time of the change', async () => {
    const user = await api.user();
    const create = { method: 'POST', url: '/items', token: user.access_token, payload: { title: 'Same' } } as const;
    const item = (await api.request(create)).json();
    const before = await api.sql('select xmin, * from items where id = $1', [item.id]);
    for (const payload of [{ title: 'Same' }, { title: 'Same', description: null }, {}]) {
      const answer = await api.request({
        method: 'PATCH',
        url: `/items/${item.id}`,
        token: user.access_token,
        payload,
      });
      if (answer.statusCode !== 422) expect([answer.statusCode, answer.json()]).toEqual([200, item]);
    }
    expect(await api.sql('select xmin, * from items where id = $1', [item.id])).toEqual(before);
  });
});

describe('the items of one account', () => {
  const few = startApi({ ITEMS_PER_ACCOUNT: '5' });

  it('are never more than ITEMS_PER_ACCOUNT, of twenty that are created at once too', async () => {
    const [user, other] = [await few.user(), await few.user()];
    const createAs = ({ access_token }: TestUser) =>
      few.request({ method: 'POST', url: '/items', token: access_token, payload: { title: 'One of many' } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => createAs(user)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(5).fill(201), ...Array(15).fill(409)]);
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409))
      expect(answer.json().code).toBe('item_limit');
    expect(await few.sql('select 1 from items where owner_id = $1', [user.id])).toHaveLength(5);
    expect((await createAs(other)).statusCode).toBe(201);
    const [{ id }] = (await few.request({ url: '/items', token: user.access_token })).json().items;
    await few.request({ method: 'DELETE', url: `/items/${id}`, token: user.access_token });
    expect((await createAs(user)).statusCode).toBe(201);
    expect((await createAs(user)).statusCode).toBe(409);
  });
});

describe('POST /items', () => {
  it('creates an item of the caller', async () => {
    const user = await api.user();
    const response = await create(user, { title: 'Water the plants' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      id: expect.any(String),
      title: 'Water the plants',
      description: null,
      owner_id: user.id,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  it.each([[{}], [{ title: '' }], [{ title: 'x'.repeat(201) }], [{ title: 'x', owner_id: 'me' }], [{ title: 1 }]])(
    'refuses %j and writes nothing',
    async (payload) => {
      const user = await api.user();
      expect((await create(user, payload)).json().code).toBe('validation_failed');
      expect(await api.sql('select 1 from items where owner_id = $1', [user.id])).toEqual([]);
    },
  );

  it('answers session_ended to a caller whose account is deleted meanwhile, and writes nothing', async () => {
    const user = await api.user();
    const operator = new pg.Client(api.url);
    await operator.connect();
    try {
      await operator.query('begin');
      await operator.query('delete from users where id = $1', [user.id]);
      const creating = create(user, { title: 'late' });
      // Its insert waits for the row of the owner, which goes at the commit.
      const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(() => api.sql(waiting)).toHaveLength(1);
      await operator.query('commit');
      expect((await creating).json()).toMatchObject({ status: 401, code: 'session_ended' });
    } finally {
      await operator.end();
    }
    expect(await api.sql('select 1 from items where owner_id = $1', [user.id])).toEqual([]);
  });
});

describe('GET /items', () => {
  it('pages through the caller’s own items, newest first; an administrator sees everybody’s', async () => {
    const [user, other, admin] = [await api.user(), await api.user(), await api.admin()];
    for (const title of ['1', '2', '3']) await create(user, { title });
    await create(other, { title: 'of another' });
    const titles = (page: { items: { title: string }[] }) => page.items.map(({ title }) => title);
    const first = (await api.request({ url: '/items?limit=2', token: user.access_token })).json();
    expect(titles(first)).toEqual(['3', '2']);
    const second = (
      await api.request({ url: `/items?limit=2&cursor=${first.next_cursor}`, token: user.access_token })
    ).json();
    expect([titles(second), second.next_cursor]).toEqual([['1'], null]);
    expect(titles((await api.request({ url: '/items', token: admin.access_token })).json())).toContain('of another');
  });
});

describe('/items/{id}', () => {
  it('reads, changes and deletes the caller’s item', async () => {
    const user = await api.user();
    const { id } = (await create(user, { title: 'old', description: 'kept' })).json();
    const url = `/items/${id}`;
    const changed = await api.request({ method: 'PATCH', url, token: user.access_token, payload: { title: 'new' } });
    expect(changed.json()).toMatchObject({ id, title: 'new', description: 'kept' });
    expect((await api.request({ url, token: user.access_token })).json()).toEqual(changed.json());
    expect((await api.request({ method: 'DELETE', url, token: user.access_token })).statusCode).toBe(204);
    expect((await api.request({ url, token: user.access_token })).json().code).toBe('item_not_found');
  });

  it.each(['GET', 'PATCH', 'DELETE'] as const)(
    '%s answers 404 for an item of somebody else, exactly as for one that does not exist, and changes nothing',
    async (method) => {
      const [owner, stranger] = [await api.user(), await api.user()];
      const { id } = (await create(owner, { title: 'mine' })).json();
      const ask = (item_id: string) =>
        api.request({
          method,
          url: `/items/${item_id}`,
          token: stranger.access_token,
          ...(method === 'PATCH' && { payload: { title: 'theirs' } }),
        });
      const [foreign, unknown] = [await ask(id), await ask(stranger.id)];
      expect(foreign.statusCode).toBe(404);
      expect({ ...foreign.json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' });
      expect(await api.sql('select title from items where id = $1', [id])).toEqual([{ title: 'mine' }]);
    },
  );

  it('an administrator reads anybody’s', async () => {
    const [owner, admin] = [await api.user(), await api.admin()];
    const { id } = (await create(owner, { title: 'seen' })).json();
    expect((await api.request({ url: `/items/${id}`, token: admin.access_token })).statusCode).toBe(200);
  });
});
