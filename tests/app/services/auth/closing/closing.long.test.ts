import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { models } from '../../../../../src/app/models/index.ts';
import { PASSWORD, startApi, type TestUser } from '../../../../helpers/api.ts';

const api = startApi({ LOG_LEVEL: 'warn' });
/** The rows are items: a product may be without them, and the kit's other tables have few rows of an account. */
const describeRows = describe.skipIf(!('items' in models));

const close = (user: TestUser) =>
  api.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload: { password: PASSWORD } });
const login = ({ email }: TestUser) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } });
const me = ({ access_token }: TestUser) => api.request({ url: '/auth/me', token: access_token });
const rows = async (table: 'items' | 'sessions' | 'users', user: TestUser): Promise<number> => {
  const column = { items: 'owner_id', sessions: 'user_id', users: 'id' }[table];
  return (await api.sql(`select 1 from ${table} where ${column} = $1`, [user.id])).length;
};

async function userWith(count: { items?: number; sessions?: number }): Promise<TestUser> {
  const user = await api.user();
  await api.sql(
    `insert into items (id, title, owner_id) select gen_random_uuid(), 'of many', $1 from generate_series(1, $2)`,
    [user.id, count.items ?? 0],
  );
  await api.sql(
    `insert into sessions (id, user_id, expires_at) select gen_random_uuid(), $1, now() + interval '1 day' from generate_series(1, $2)`,
    [user.id, count.sessions ?? 0],
  );
  return user;
}

/** Holds the rows of the batches back, as a database does that is slow. */
async function holdItems<T>(user: TestUser, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client(api.url);
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select 1 from items where owner_id = $1 for update', [user.id]);
    return await work();
  } finally {
    await client.end();
  }
}

describeRows.each([
  ['by its owner', 'own'],
  ['by an administrator', 'admin'],
] as const)('a large account that is closed %s', (_, by) => {
  it('is none at once, and its address is free, while its rows wait', async () => {
    const [user, admin] = [await userWith({ items: 3000 }), await api.admin()];
    const refresh_token = user.refresh_token;
    const remove = () => api.request({ method: 'DELETE', url: `/users/${user.id}`, token: admin.access_token });
    await holdItems(user, async () => {
      expect((await (by === 'own' ? close(user) : remove())).statusCode).toBe(204);
      expect((await me(user)).json().code).toBe('session_ended');
      expect((await login(user)).json().code).toBe('invalid_credentials');
      // Nor does the removal wait for rows in use, with the user's row in hand.
      await expect(api.app.ctx.removal.run()).rejects.toThrow('in use');
      const refreshed = await api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
      expect(refreshed.statusCode).toBe(401);
      expect((await remove()).json().code).toBe('user_not_found');
      for (const [method, url] of [
        ['GET', `/users/${user.id}`],
        ['PATCH', `/users/${user.id}`],
        ['GET', `/users/${user.id}/sessions`],
      ] as const) {
        const payload = method === 'PATCH' ? { is_active: true, role: 'admin' } : undefined;
        const answer = await api.request({ method, url, token: admin.access_token, ...(payload && { payload }) });
        expect(answer.json().code).toBe('user_not_found');
      }
      const listed = await api.request({ url: '/users?is_active=false&limit=100', token: admin.access_token });
      expect(listed.json().items.map(({ id }: { id: string }) => id)).not.toContain(user.id);
      const items = await api.request({ url: '/items?limit=100', token: admin.access_token });
      expect(items.json().items).toEqual([]);
      expect(await rows('items', user)).toBe(3000);
      const [row] = await api.sql('select email, name, password_hash, role from users where id = $1', [user.id]);
      expect(row).toEqual({
        email: expect.stringMatching(/@closed\.invalid$/),
        name: null,
        password_hash: '!',
        role: 'user',
      });
      await api.user({ email: user.email });
    });
    await api.app.ctx.removal.run().catch(() => {});
    await api.app.ctx.removal.run();
    expect([await rows('items', user), await rows('users', user)]).toEqual([0, 0]);
    expect(api.app.ctx.metrics.removals_waiting.value).toBe(0);
    const events = await api.sql<{ event: string }>(
      `select event from audit_events where subject_id = $1 and event like 'user.%' order by id`,
      [user.id],
    );
    expect(events.map(({ event }) => event)).toEqual(['user.registered', 'user.deleted', 'user.emptied']);
  });
});

describeRows('an account with little', () => {
  it('is gone with all that it owns when the answer comes', async () => {
    const user = await userWith({ items: 20, sessions: 20 });
    expect((await close(user)).statusCode).toBe(204);
    expect([await rows('items', user), await rows('sessions', user), await rows('users', user)]).toEqual([0, 0, 0]);
  });
});

describeRows('the removal', () => {
  it('goes on where a process that died left off, and two replicas share the work', async () => {
    const users = await Promise.all([1, 2, 3].map(() => userWith({ items: 2500 })));
    await api.sql(`update users set removing = 'account', is_active = false where id = any($1)`, [
      users.map(({ id }) => id),
    ]);
    // A batch of a process that died in it.
    const died = new pg.Client(api.url);
    await died.connect();
    await died.query('begin');
    await died.query('delete from items where id in (select id from items where owner_id = $1 limit 500)', [
      users[0]?.id,
    ]);
    await died.end();
    const { createRemoval } = await import('../../../../../src/app/services/auth/closing/removal.ts');
    const replica = createRemoval(api.app.ctx);
    await Promise.all([api.app.ctx.removal.run(), replica.run()]);
    await replica.run();
    await replica.close();
    expect(await api.sql('select 1 from users where id = any($1)', [users.map(({ id }) => id)])).toEqual([]);
  });

  it('of an account that is refused does not hold up the others, and is told', async () => {
    const [stuck, free] = [await userWith({ items: 1500 }), await userWith({ items: 1500 })];
    await api.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise 'held'; end $$`);
    await api.sql(
      `create trigger refuse before delete on items for each row when (old.owner_id = '${stuck.id}') execute function refuse()`,
    );
    await api.sql(`update users set removing = 'account' where id = any($1)`, [[stuck.id, free.id]]);
    await expect(api.app.ctx.removal.run()).rejects.toThrow();
    expect([await rows('users', free), await rows('users', stuck)]).toEqual([0, 1]);
    expect(api.app.ctx.metrics.removals_waiting.value).toBe(1);
    await api.sql('drop trigger refuse on items');
    await api.app.ctx.removal.run();
    expect(await rows('users', stuck)).toBe(0);
  });
});

describeRows('more sessions than a request removes', () => {
  it('end at once but for the kept one, and their rows go in the background', async () => {
    const user = await userWith({ sessions: 2500 });
    const other = (await login(user)).json();
    const gone = await api.request({ method: 'DELETE', url: '/auth/sessions', token: user.access_token });
    expect(gone.statusCode).toBe(204);
    expect((await me(user)).statusCode).toBe(200);
    expect((await me(other)).json().code).toBe('session_ended');
    const { refresh_token } = other;
    expect((await api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } })).statusCode).toBe(
      401,
    );
    const own = { refresh_token: user.refresh_token };
    expect((await api.request({ method: 'POST', url: '/auth/refresh', payload: own })).statusCode).toBe(200);
    const list = await api.request({ url: '/auth/sessions?limit=100', token: user.access_token });
    expect(list.json().items).toHaveLength(1);
    expect((await login(user)).statusCode).toBe(200);
    await api.app.ctx.removal.run();
    expect(await rows('sessions', user)).toBe(2);
    expect(await api.sql('select removing from users where id = $1', [user.id])).toEqual([{ removing: null }]);
  });

  it('end with the disabling of their user, and stay so when it is enabled', async () => {
    const [user, admin] = [await userWith({ sessions: 2500 }), await api.admin()];
    const set = (is_active: boolean) =>
      api.request({ method: 'PATCH', url: `/users/${user.id}`, token: admin.access_token, payload: { is_active } });
    expect((await set(false)).statusCode).toBe(200);
    expect((await set(true)).statusCode).toBe(200);
    expect((await me(user)).json().code).toBe('session_ended');
    expect((await login(user)).statusCode).toBe(200);
  });
});

describeRows('at the same moment', () => {
  it('twenty closings of one large account are one', async () => {
    const user = await userWith({ items: 1500 });
    const { access_token: token } = await api.admin();
    const remove = () => api.request({ method: 'DELETE', url: `/users/${user.id}`, token });
    const answers = await Promise.all(Array.from({ length: 20 }, remove));
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([204, ...Array(19).fill(404)]);
    expect(
      await api.sql(`select 1 from audit_events where subject_id = $1 and event = 'user.deleted'`, [user.id]),
    ).toHaveLength(1);
  });

  it('closings, disablings, logins and writes leave no account, no session and no item', async () => {
    const user = await userWith({ items: 1500 });
    const { access_token: token } = await api.admin();
    const { access_token: own } = user;
    const url = `/users/${user.id}`;
    const answers = await Promise.all([
      api.request({ method: 'DELETE', url, token }),
      ...Array.from({ length: 6 }, () => login(user)),
      ...Array.from({ length: 6 }, () =>
        api.request({ method: 'POST', url: '/items', token: own, payload: { title: 'late' } }),
      ),
      ...[true, false].map((is_active) =>
        api.request({ method: 'PATCH', url, token, payload: { is_active, role: 'admin' } }),
      ),
    ]);
    for (const { statusCode } of answers) expect(statusCode).toBeLessThan(500);
    const late = (await login(user)).json().code;
    expect(late).toBe('invalid_credentials');
    await api.app.ctx.removal.run();
    expect([await rows('users', user), await rows('items', user), await rows('sessions', user)]).toEqual([0, 0, 0]);
  });
});
