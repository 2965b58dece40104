import bcrypt from 'bcrypt';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, type TestUser, tokenForm } from '../helpers/api.ts';
import { holdRows, startReplica, statuses } from '../helpers/replicas.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const api = startWithNotes({
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '1000/15m',
  LIMIT_LOGIN_FAILURES_PER_IP: '1000/5m',
  STATEMENT_TIMEOUT_SECONDS: '30',
});
const replica = startReplica(api);
const WRONG = 'wrong horse battery staple';

type Instance = Pick<typeof replica, 'request'>;

const post = (url: string, payload: unknown, { token, instance = api }: { token?: string; instance?: Instance } = {}) =>
  instance.request({ method: 'POST', url, payload: payload as object, ...(token !== undefined && { token }) });
const login = (email: unknown, password: unknown = PASSWORD, instance: Instance = api) =>
  post('/auth/login', { email, password }, { instance });
const form = (username: string, password: string) => api.request(tokenForm({ username, password }));
/** All that an attack on accounts could change. */
const everything = () =>
  api.sql(`select (select json_agg(u order by id) from users u) users, (select json_agg(i order by id) from kit_notes i) items,
    (select json_agg(json_build_array(id, user_id, counter) order by id) from sessions) sessions`);
const set = (user: TestUser, assignment: string, value: unknown) =>
  api.sql(`update users set ${assignment} where id = $1`, [user.id, value]);

/** One account of each kind that a stranger must not tell from the others, by the name of its kind. */
async function accountsOfEachKind(): Promise<Record<string, string>> {
  const changed = async (assignment: string, value: unknown): Promise<string> => {
    const user = await api.user();
    await set(user, assignment, value);
    return user.email;
  };
  return {
    nobody: 'nobody@example.com',
    somebody: (await api.user()).email,
    'somebody disabled': await changed('is_active = $2', false),
    'somebody with a cheap old hash': await changed('password_hash = $2', await bcrypt.hash(PASSWORD, 4)),
    'somebody without a password': await changed('password_hash = $2', '!'),
    'somebody with an unreadable hash': await changed('password_hash = $2', 'pbkdf2$no$hash$of$ours'),
  };
}

describe('a wrong password', () => {
  it('is answered in the same bytes, whoever’s it would be', async () => {
    const kinds = { ...(await accountsOfEachKind()), 'no address at all': 'no address at all' };
    const read = ({ statusCode, headers, body, json }: LightMyRequestResponse) => ({
      status: statusCode,
      body: body.replace(json().request_id, ''),
      headers: Object.entries(headers).map(([name, value]) =>
        ['x-request-id', 'date'].includes(name) ? [name] : [name, value],
      ),
    });
    for (const ask of [login, form]) {
      const expected = read(await ask('nobody-else@example.com', WRONG));
      expect(expected.status).toBe(401);
      for (const [kind, email] of Object.entries(kinds))
        expect([kind, read(await ask(email, WRONG))]).toEqual([kind, expected]);
    }
  });

  it('takes the same work, whoever’s it would be', async () => {
    const kinds = await accountsOfEachKind();
    // The processor's time: others on the machine do not count in it.
    const workOf = async (email: string): Promise<number> => {
      const before = process.cpuUsage();
      expect((await login(email, WRONG)).statusCode).toBe(401);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const work: Record<string, number[]> = {};
    for (let round = 0; round < 7; round++)
      for (const [kind, email] of Object.entries(kinds)) work[kind] = [...(work[kind] ?? []), await workOf(email)];
    const median = (list: number[] = []): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
    for (const kind of Object.keys(kinds)) {
      const ratio = median(work[kind]) / median(work.nobody);
      expect([kind, ratio > 0.6 && ratio < 1.7]).toEqual([kind, true]);
    }
  });

  it('does not say that an account is disabled; the right one does, and opens no session', async () => {
    const user = await api.user();
    await set(user, 'is_active = $2', false);
    const before = await everything();
    expect((await login(user.email, WRONG)).json().code).toBe('invalid_credentials');
    for (const answer of [await login(user.email), await form(user.email, PASSWORD)])
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_disabled']);
    expect(await everything()).toEqual(before);
  });
});

describe('registering an address that has an account', () => {
  it('says so and nothing of the account, changes none of it, and opens no session', async () => {
    const user = await api.user({ name: 'The owner' });
    const before = await everything();
    const answer = await post('/auth/register', { email: user.email, password: WRONG, name: 'A stranger' });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'email_taken']);
    for (const secret of ['owner', user.id]) expect(answer.body).not.toContain(secret);
    expect(await everything()).toEqual(before);
    expect((await login(user.email, WRONG)).statusCode).toBe(401);
    expect((await login(user.email)).statusCode).toBe(200);
  });

  it('twenty times at once on two instances opens one account and one session', async () => {
    const email = 'wanted-by-twenty@example.com';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        post('/auth/register', { email, password: PASSWORD }, { instance: n % 2 ? api : replica }),
      ),
    );
    expect(statuses(answers)).toEqual({ 201: 1, 409: 19 });
    const rows = await api.sql<{ id: string }>(
      `select u.id from users u join sessions s on s.user_id = u.id where email = $1`,
      [email],
    );
    const winner = answers.find(({ statusCode }) => statusCode === 201)?.json();
    expect(rows).toEqual([{ id: claimsOf(winner.access_token).sub }]);
    expect((await api.request({ url: '/auth/me', token: winner.access_token })).statusCode).toBe(200);
    const events = await api.sql('select event from audit_events where subject_id = $1 order by id', [rows[0]?.id]);
    expect(events).toEqual([{ event: 'user.registered' }, { event: 'session.started' }]);
  });

  it('in all its spellings at once, by strangers and an administrator, opens one account', async () => {
    const { access_token: token } = await api.admin();
    const spellings = [
      'race@bücher.example',
      'RACE@BÜCHER.EXAMPLE',
      'race@xn--bcher-kva.example',
      ' race@bu\u0308cher.example ',
      'ｒａｃｅ@bücher.example',
      'race@bücher\u3002example',
    ];
    const answers = await Promise.all(
      spellings.flatMap((email, n) => {
        const instance = n % 2 ? api : replica;
        return [
          post('/auth/register', { email, password: PASSWORD }, { instance }),
          post('/users', { email, password: PASSWORD }, { instance, token }),
        ];
      }),
    );
    expect(statuses(answers)).toEqual({ 201: 1, 409: 11 });
    expect(await api.sql(`select email from users where email like 'race%'`)).toEqual([
      { email: 'race@xn--bcher-kva.example' },
    ]);
  });
});

describe('fields that are not the client’s to set', () => {
  const FIELDS = {
    id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d',
    role: 'admin',
    is_admin: true,
    is_active: true,
    email_verified: true,
    password_hash: '!',
    password_version: 7_654_321,
    created_at: '2020-01-01T00:00:00.000Z',
    user_id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d',
  };

  it.each(Object.entries(FIELDS))('are refused and change nothing: %s', async (field, value) => {
    const user = await api.user();
    const before = await everything();
    const sent = { [field]: value };
    const attempts = [
      post('/auth/register', { email: 'climber@example.com', password: PASSWORD, ...sent }),
      post('/auth/login', { email: user.email, password: PASSWORD, ...sent }),
      post('/auth/refresh', { refresh_token: user.refresh_token, ...sent }),
      api.request({ method: 'PATCH', url: '/auth/me', token: user.access_token, payload: { name: 'X', ...sent } }),
      post(
        '/auth/me/password',
        { current_password: PASSWORD, new_password: WRONG, ...sent },
        { token: user.access_token },
      ),
      api.request({
        method: 'DELETE',
        url: '/auth/me',
        token: user.access_token,
        payload: { password: PASSWORD, ...sent },
      }),
    ];
    for (const answer of await Promise.all(attempts)) {
      expect(answer.json()).toMatchObject({ code: 'validation_failed', errors: [{ loc: ['body', field] }] });
      expect(answer.body).not.toContain(JSON.stringify(value));
    }
    expect(await everything()).toEqual(before);
  });

  it('are refused where a stolen token is all that one has: the address, or a password without the old one', async () => {
    const { access_token: token } = await api.user();
    const before = await everything();
    const me = (method: 'PATCH' | 'PUT' | 'POST' | 'DELETE', payload?: object, url = '/auth/me') =>
      api.request({ method, url, token, ...(payload && { payload }) });
    const attempts = [
      me('PATCH', { email: 'mine-now@example.com' }),
      me('PATCH', { name: 'X', email: 'mine-now@example.com' }),
      me('PATCH', { password: WRONG }),
      me('PUT', { email: 'mine-now@example.com' }),
      me('POST', { new_password: WRONG }, '/auth/me/password'),
      me('POST', { current_password: '', new_password: WRONG }, '/auth/me/password'),
      me('POST', { current_password: WRONG, new_password: 'another horse, another staple' }, '/auth/me/password'),
      me('DELETE'),
      me('DELETE', {}),
      me('DELETE', { password: '' }),
      me('DELETE', { password: WRONG }),
    ];
    for (const { statusCode } of await Promise.all(attempts)) expect([400, 401, 405, 415, 422]).toContain(statusCode);
    expect(await everything()).toEqual(before);
  });
});

describe('values of another type', () => {
  const VALUES: [string, unknown][] = [
    ['an operator', { $gt: '' }],
    ['a pattern', { $regex: '.*' }],
    ['true', true],
    ['a number', 12345678],
    ['null', null],
    ['a list of the right value', ['ann@example.com']],
    ['an object with toString', { toString: 'ann@example.com' }],
  ];

  it.each(VALUES)('are refused as address and as password: %s', async (_what, value) => {
    const { email, access_token: token } = await api.user();
    const before = await everything();
    const attempts = [
      login(value),
      login(email, value),
      post('/auth/register', { email: value, password: PASSWORD }),
      post('/auth/register', { email: 'typed@example.com', password: value }),
      post('/auth/me/password', { current_password: value, new_password: WRONG }, { token }),
      post('/auth/me/password', { current_password: PASSWORD, new_password: value }, { token }),
      api.request({ method: 'DELETE', url: '/auth/me', token, payload: { password: value } as object }),
    ];
    for (const answer of await Promise.all(attempts))
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'validation_failed']);
    expect(await everything()).toEqual(before);
  });

  it('are refused as the whole body', async () => {
    const before = await everything();
    for (const payload of ['null', '[]', '"x"', '1', 'true', '[{"email":"a@b.co","password":"x"}]'])
      for (const url of ['/auth/login', '/auth/register', '/auth/refresh']) {
        const headers = { 'content-type': 'application/json' };
        expect((await api.request({ method: 'POST', url, headers, payload })).statusCode).toBe(422);
      }
    expect(await everything()).toEqual(before);
  });

  it('are refused in a form that repeats a field or gives it a shape', async () => {
    const { email } = await api.user();
    const before = await everything();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const name = encodeURIComponent(email);
    const password = encodeURIComponent(PASSWORD);
    for (const payload of [
      `username=${name}&username=${name}&password=${password}`,
      `username=${name}&password=${password}&password=${password}`,
      `username[]=${name}&password=${password}`,
      `username[$gt]=&password=${password}`,
      `username=${name}&password[$ne]=x`,
      `username=${name}&password=${password}&role=admin`,
      `__proto__[username]=${name}&password=${password}`,
      `username=${name}&password=`,
      '',
    ]) {
      const { statusCode } = await api.request({ method: 'POST', url: '/auth/token', headers, payload });
      expect([payload, statusCode]).toEqual([payload, 422]);
    }
    expect(await everything()).toEqual(before);
  });
});

describe('a request that a foreign page can send without asking', () => {
  const TYPES = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/csp-report',
  ];

  it.each(TYPES)('is refused though its body is the right JSON: %s', async (type) => {
    const user = await api.user();
    const [admin, { access_token: token }] = [await api.admin(), user];
    const before = await everything();
    const routes: (InjectOptions & { token?: string; payload: object })[] = [
      { method: 'POST', url: '/auth/login', payload: { email: user.email, password: PASSWORD } },
      { method: 'POST', url: '/auth/register', payload: { email: 'foreign@example.com', password: PASSWORD } },
      { method: 'POST', url: '/auth/refresh', payload: { refresh_token: user.refresh_token } },
      { method: 'PATCH', url: '/auth/me', token, payload: { name: 'X' } },
      {
        method: 'POST',
        url: '/auth/me/password',
        token,
        payload: { current_password: PASSWORD, new_password: WRONG },
      },
      { method: 'DELETE', url: '/auth/me', token, payload: { password: PASSWORD } },
      { method: 'POST', url: '/kit-notes', token, payload: { title: 'X' } },
      {
        method: 'POST',
        url: '/users',
        token: admin.access_token,
        payload: { email: 'foreign@example.com', password: PASSWORD },
      },
      { method: 'PATCH', url: `/users/${user.id}`, token: admin.access_token, payload: { role: 'admin' } },
    ];
    for (const { payload, ...route } of routes) {
      const request = { ...route, headers: { 'content-type': type }, payload: JSON.stringify(payload) };
      const answer = await api.request(request);
      expect([route.url, answer.statusCode, answer.json().code]).toEqual([route.url, 415, 'unsupported_media_type']);
    }
    expect(await everything()).toEqual(before);
  });

  it.each(['GET', 'HEAD', 'PUT'] as const)('has no effect by %s, override headers or not', async (method) => {
    const user = await api.user();
    const before = await everything();
    const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' };
    for (const path of ['logout', 'register', 'login', 'token', 'refresh', 'me/password']) {
      const answer = await api.request({
        method,
        url: `/auth/${path}?_method=POST&refresh_token=${user.refresh_token}`,
        token: user.access_token,
        headers,
      });
      expect([path, answer.statusCode, answer.headers.allow]).toEqual([path, 405, 'OPTIONS, POST']);
    }
    const me = await api.request({ url: '/auth/me?_method=DELETE', token: user.access_token, headers });
    expect(me.json().id).toBe(user.id);
    expect(await everything()).toEqual(before);
  });
});

describe('a login whose account changes under it', () => {
  it.each([
    ['is deleted', 'delete from users where id = $1', 401, 'invalid_credentials'],
    ['is disabled', 'update users set is_active = false where id = $1', 403, 'account_disabled'],
    [
      'gets another password',
      'update users set password_version = password_version + 1 where id = $1',
      401,
      'invalid_credentials',
    ],
  ] as const)(
    'opens no session where the account %s after the password was proved',
    async (_what, change, ...refusal) => {
      const user = await api.user();
      await api.sql('delete from sessions where user_id = $1', [user.id]);
      const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
      const answers = [login(user.email), login(user.email, PASSWORD, replica)];
      await row.awaitedBy(2);
      await row.query(change, [user.id]);
      await row.release();
      for (const answer of await Promise.all(answers)) expect([answer.statusCode, answer.json().code]).toEqual(refusal);
      expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
      const events = await api.sql('select details from audit_events where subject_id = $1 and event = $2', [
        user.id,
        'login.failed',
      ]);
      expect(events).toEqual(Array.from({ length: 2 }, () => ({ details: { reason: refusal[1] } })));
    },
  );

  it('leaves no session behind its deletion, in rounds at free timing', async () => {
    const { access_token: token } = await api.admin();
    for (let round = 0; round < 4; round++) {
      const user = await api.user();
      const logins = Array.from({ length: 3 }, (_, n) => login(user.email, PASSWORD, n % 2 ? api : replica));
      await Promise.race(logins.slice(0, (round % 2) + 1));
      const deleted = await replica.request({ method: 'DELETE', url: `/users/${user.id}`, token });
      expect(deleted.statusCode).toBe(204);
      for (const answer of await Promise.all(logins)) {
        expect([200, 401]).toContain(answer.statusCode);
        if (answer.statusCode === 401) continue;
        const me = await api.request({ url: '/auth/me', token: answer.json().access_token });
        expect(me.json().code).toBe('session_ended');
      }
      expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
    }
  });
});

describe('the end of an account', () => {
  const close = (user: TestUser, instance: Instance = api) =>
    instance.request({
      method: 'DELETE',
      url: '/auth/me',
      token: user.access_token,
      payload: { password: PASSWORD },
    });

  it('does not happen by a password that was changed since it was proved', async () => {
    const user = await api.user();
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const closing = close(user);
    await row.awaitedBy(1);
    await row.query('update users set password_version = password_version + 1 where id = $1', [user.id]);
    await row.release();
    const answer = await closing;
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'conflict']);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    const events = await api.sql('select 1 from audit_events where subject_id = $1 and event = $2', [
      user.id,
      'user.deleted',
    ]);
    expect(events).toEqual([]);
  });

  it('that is asked for twice at once happens and is written down once', async () => {
    const user = await api.user();
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const answers = [close(user), close(user, replica)];
    await row.awaitedBy(2);
    await row.release();
    expect(statuses(await Promise.all(answers))).toEqual({ 204: 1, 409: 1 });
    const events = await api.sql('select 1 from audit_events where subject_id = $1 and event = $2', [
      user.id,
      'user.deleted',
    ]);
    expect(events).toHaveLength(1);
    expect(await api.sql('select 1 from users where id = $1', [user.id])).toEqual([]);
  });
});

describe('a change in an account that is deleted under it', () => {
  it.each([
    // Their table names no code for an owner that is gone; items do, and their test has this case.
    ['a new note', { method: 'POST', url: '/kit-notes', payload: { title: 'orphan' } }, [409, 'conflict']],
    ['a new name', { method: 'PATCH', url: '/auth/me', payload: { name: 'Orphan' } }, [401, 'session_ended']],
  ] as const)('is refused and leaves nothing: %s', async (_what, request, refusal) => {
    const user = await api.user();
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const late = replica.request({ ...request, token: user.access_token });
    await row.awaitedBy(1);
    await row.query('delete from users where id = $1', [user.id]);
    await row.release();
    const answer = await late;
    expect([answer.statusCode, answer.json().code]).toEqual(refusal);
    expect(await api.sql('select 1 from kit_notes where owner_id = $1', [user.id])).toEqual([]);
  });
});

describe('administrators who remove each other at once on two instances', () => {
  it.each([
    ['by demotion', { method: 'PATCH', payload: { role: 'user' } }],
    ['by disabling', { method: 'PATCH', payload: { is_active: false } }],
    ['by deletion', { method: 'DELETE' }],
  ] as const)('leave one: %s', async (_what, request) => {
    await api.sql(`update users set role = 'user'`);
    const [ann, bob] = [await api.admin(), await api.admin()];
    const rows = await holdRows(api, `select 1 from users where role = 'admin' order by id`);
    const answers = [
      api.request({ ...request, url: `/users/${bob.id}`, token: ann.access_token }),
      replica.request({ ...request, url: `/users/${ann.id}`, token: bob.access_token }),
    ];
    await rows.awaitedBy(2);
    await rows.release();
    const codes = (await Promise.all(answers)).map(({ statusCode }) => (statusCode < 300 ? 'done' : statusCode));
    expect(codes.sort()).toEqual([409, 'done']);
    expect(await api.sql(`select 1 from users where role = 'admin' and is_active`)).toHaveLength(1);
  });
});
