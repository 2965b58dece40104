import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { PASSWORD, startApi, type TestUser, tokenForm } from '../helpers/api.ts';

const api = startApi({ LIMIT_LOGIN_FAILURES_PER_IP: '1000/5m' });
const WRONG = 'wrong horse battery staple';
let replica: FastifyInstance;

beforeAll(async () => {
  replica = await buildApp(api.config, { log: api.app.log });
});
afterAll(() => replica.close());
beforeEach(async () => {
  await api.sql('delete from rate_limits');
  await api.sql('delete from login_failures');
});

type Answer = Pick<LightMyRequestResponse, 'statusCode' | 'headers' | 'body'>;

/** All logins leave together, in turn to the one and the other of two replicas. */
const loginAtOnce = (n: number, payload: (index: number) => { email: string; password: string }): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: n }, (_, index) =>
      (index % 2 === 0 ? api.app : replica).inject({ method: 'POST', url: '/auth/login', payload: payload(index) }),
    ),
  );
const login = (payload: { email: string; password: string }) =>
  api.request({ method: 'POST', url: '/auth/login', payload });
const statuses = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(answers, ({ statusCode }) => String(statusCode))).map(([status, list = []]) => [
      status,
      list.length,
    ]),
  );
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const failTenTimes = async (email: string): Promise<void> => {
  for (let n = 0; n < 10; n++) expect((await login({ email, password: WRONG })).statusCode).toBe(401);
};

describe('many at once on two replicas', () => {
  it('evaluate no more wrong passwords of an account than may fail (A9)', async () => {
    const user = await api.user();
    const answers = await loginAtOnce(50, () => ({ email: user.email, password: WRONG }));
    expect(statuses(answers)).toEqual({ 401: 10, 429: 40 });
    expect(await api.sql('select in_a_row from login_failures')).toEqual([{ in_a_row: 10 }]);
  });

  it('evaluate no more wrong passwords of a network than may fail (A7)', async () => {
    const strict = await buildApp(
      { ...api.config, limit_login_failures_per_ip: { count: 30, window_seconds: 300 } },
      { log: api.app.log },
    );
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        strict.inject({
          method: 'POST',
          url: '/auth/login',
          payload: { email: `spray-${n}@example.com`, password: WRONG },
        }),
      ),
    );
    await strict.close();
    expect(statuses(answers)).toEqual({ 401: 30, 429: 170 });
  });

  it('all pass with the right password (A10)', async () => {
    const user = await api.user();
    const answers = await loginAtOnce(20, () => ({ email: user.email, password: PASSWORD }));
    expect(statuses(answers)).toEqual({ 200: 20 });
    expect(await api.sql('select 1 from rate_limits where used > 0 and key like $1', ['login-%'])).toEqual([]);
    expect(await api.sql('select 1 from rate_limits where pending > 0')).toEqual([]);
  });

  it('all pass with the right password after nine wrong ones', async () => {
    const user = await api.user();
    for (let n = 0; n < 9; n++) await login({ email: user.email, password: WRONG });
    const answers = await loginAtOnce(20, () => ({ email: user.email, password: PASSWORD }));
    expect(statuses(answers)).toEqual({ 200: 20 });
  });

  it('count exactly one failure for each wrong password among right ones', async () => {
    const user = await api.user();
    const emails = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? `nobody-${n}@example.com` : user.email));
    const answers = await loginAtOnce(30, (n) => ({ email: emails[n] ?? '', password: PASSWORD }));
    expect(statuses(answers)).toEqual({ 200: 20, 401: 10 });
    expect(await api.sql(`select used, pending from rate_limits where key like 'login-ip:%'`)).toEqual([
      { used: 10, pending: 0 },
    ]);
  });

  it('never exceed the failures in a row that an account may have', async () => {
    const user = await api.user();
    await login({ email: user.email, password: WRONG });
    await api.sql('update login_failures set in_a_row = 97');
    await api.sql('delete from rate_limits');
    await loginAtOnce(40, () => ({ email: user.email, password: WRONG }));
    const [row] = await api.sql<{ in_a_row: number }>('select in_a_row from login_failures');
    expect(row?.in_a_row).toBeLessThanOrEqual(100);
  });
});

describe('an account at its limit', () => {
  it('is refused from every network (A6)', async () => {
    const user = await api.user();
    const statusesFrom: number[] = [];
    for (let n = 0; n < 12; n++) {
      const { statusCode } = await api.request({
        method: 'POST',
        url: '/auth/login',
        remoteAddress: `198.51.100.${n}`,
        payload: { email: user.email, password: WRONG },
      });
      statusesFrom.push(statusCode);
    }
    expect(statusesFrom).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });

  it('answers alike whether or not it exists', async () => {
    const user = await api.user();
    const read = async (email: string) => {
      const answers = [];
      for (let n = 0; n < 12; n++) {
        const { statusCode, headers, body } = await login({ email, password: WRONG });
        const { 'x-request-id': _id, date: _date, ...rest } = headers;
        answers.push({ statusCode, headers: rest, body: { ...JSON.parse(body), request_id: '' } });
      }
      return answers;
    };
    expect(await read(user.email)).toEqual(await read('nobody-at-all@example.com'));
  });

  it('is refused in a twentieth of the time that a hash of the default cost takes (A25)', async () => {
    const slow = await buildApp({ ...api.config, bcrypt_cost: 12 }, { log: api.app.log });
    const attempt = async (): Promise<{ status: number; ms: number }> => {
      const payload = { email: 'somebody@example.com', password: PASSWORD };
      const start = performance.now();
      const { statusCode: status } = await slow.inject({ method: 'POST', url: '/auth/login', payload });
      return { status, ms: performance.now() - start };
    };
    const evaluated: number[] = [];
    const refused: number[] = [];
    for (let n = 0; n < 41; n++) {
      const { status, ms } = await attempt();
      (status === 401 ? evaluated : refused).push(ms);
    }
    await slow.close();
    expect([evaluated.length, refused.length]).toEqual([10, 31]);
    expect(median(refused)).toBeLessThan(median(evaluated) / 20);
  });

  it('is refused wherever a session is made (A26)', async () => {
    const user = await api.user();
    await failTenTimes(user.email);
    const proofs: Parameters<typeof api.request>[0][] = [
      { method: 'POST', url: '/auth/login', payload: { email: user.email, password: PASSWORD } },
      tokenForm({ grant_type: 'password', username: user.email, password: PASSWORD }),
    ];
    for (const proof of proofs) expect((await api.request(proof)).json()).toMatchObject({ code: 'rate_limited' });
    expect(await api.sql('select password_version from users where id = $1', [user.id])).toEqual([
      { password_version: 0 },
    ]);
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });

  it('lets its owner prove the password inside a session, and opens with a new one', async () => {
    const user = await api.user();
    await failTenTimes(user.email);
    const new_password = 'another horse battery staple';
    const payload = { current_password: PASSWORD, new_password };
    const changed = await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload });
    expect(changed.statusCode).toBe(204);
    expect((await login({ email: user.email, password: new_password })).statusCode).toBe(200);
  });

  it('keeps its owner in the sessions that are open', async () => {
    const user = await api.user();
    await failTenTimes(user.email);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    const payload = { refresh_token: user.refresh_token };
    expect((await api.request({ method: 'POST', url: '/auth/refresh', payload })).statusCode).toBe(200);
  });
});

describe('a stolen access token', () => {
  const guess = (user: TestUser, method: 'POST' | 'DELETE') =>
    method === 'POST'
      ? api.request({
          method,
          url: '/auth/me/password',
          token: user.access_token,
          payload: { current_password: WRONG, new_password: 'another horse battery staple' },
        })
      : api.request({ method, url: '/auth/me', token: user.access_token, payload: { password: WRONG } });

  it('gives as many guesses of the password as a login, and takes none from the login', async () => {
    const user = await api.user();
    for (let n = 0; n < 5; n++) {
      expect((await guess(user, 'POST')).statusCode).toBe(401);
      expect((await guess(user, 'DELETE')).statusCode).toBe(401);
    }
    expect((await guess(user, 'POST')).statusCode).toBe(429);
    expect((await guess(user, 'DELETE')).statusCode).toBe(429);
    expect((await login({ email: user.email, password: PASSWORD })).statusCode).toBe(200);
  });
});

describe('without limits', () => {
  it('nothing is counted and nothing refused', async () => {
    const user = await api.user();
    const unlimited = await buildApp({ ...api.config, rate_limits: false }, { log: api.app.log });
    const before = await api.sql('select * from rate_limits');
    for (let n = 0; n < 12; n++) {
      const payload = { email: user.email, password: WRONG };
      expect((await unlimited.inject({ method: 'POST', url: '/auth/login', payload })).statusCode).toBe(401);
    }
    await unlimited.close();
    expect(await api.sql('select * from rate_limits')).toEqual(before);
    expect(await api.sql('select 1 from login_failures')).toEqual([]);
  });
});
