import { beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, startApi, type TestUser } from '../../../helpers/api.ts';

const api = startApi({ LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '20/15m', LIMIT_LOGIN_FAILURES_IN_A_ROW: '10' });
const WRONG = 'wrong horse battery staple';
const UNKNOWN_ID = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

beforeEach(() => api.sql('delete from rate_limits'));

const loginFromElsewhere = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', remoteAddress: '203.0.113.9', payload: { email, password } });
const lockedUser = async (): Promise<TestUser> => {
  const user = await api.user();
  for (let n = 0; n < 10; n++) expect((await loginFromElsewhere(user.email, WRONG)).statusCode).toBe(401);
  expect((await loginFromElsewhere(user.email, PASSWORD)).statusCode).toBe(429);
  return user;
};
const unlocks = (id: string) =>
  api.sql(`select actor_id from audit_events where subject_id = $1 and event = 'user.unlocked'`, [id]);
const lockOf = (id: string, token: string) => api.request({ url: `/users/${id}/lock`, token });
const lift = (id: string, token: string) => api.request({ method: 'DELETE', url: `/users/${id}/lock`, token });

describe('/users/{id}/lock', () => {
  it('says whether an account is locked, and since when', async () => {
    const [admin, user] = [await api.admin(), await lockedUser()];
    expect((await lockOf(admin.id, admin.access_token)).json()).toEqual({
      is_locked: false,
      failures_in_a_row: 0,
      last_failed_at: null,
    });
    const lock = (await lockOf(user.id, admin.access_token)).json();
    expect(lock).toMatchObject({ is_locked: true, failures_in_a_row: 10 });
    expect(Math.abs(Date.now() - Date.parse(lock.last_failed_at))).toBeLessThan(60_000);
  });

  it('is lifted by an administrator, once', async () => {
    const [admin, user] = [await api.admin(), await lockedUser()];
    expect((await lift(user.id, admin.access_token)).statusCode).toBe(204);
    expect((await loginFromElsewhere(user.email, PASSWORD)).statusCode).toBe(200);
    expect((await lift(user.id, admin.access_token)).statusCode).toBe(204);
    expect(await unlocks(user.id)).toEqual([{ actor_id: admin.id }]);
  });

  it('is user_not_found for an unknown user, and for administrators only', async () => {
    const [admin, user] = [await api.admin(), await lockedUser()];
    for (const request of [lockOf, lift]) {
      expect((await request(UNKNOWN_ID, admin.access_token)).json()).toMatchObject({ code: 'user_not_found' });
      expect((await request(user.id, user.access_token)).json()).toMatchObject({ code: 'forbidden' });
    }
    expect((await loginFromElsewhere(user.email, PASSWORD)).statusCode).toBe(429);
    expect(await unlocks(user.id)).toEqual([]);
  });
});

describe('DELETE /auth/me/lock', () => {
  const liftOwn = (user: TestUser, password: string) =>
    api.request({ method: 'DELETE', url: '/auth/me/lock', token: user.access_token, payload: { password } });

  it('lifts the lock of the owner who proves the password in a session', async () => {
    const user = await lockedUser();
    expect((await liftOwn(user, PASSWORD)).statusCode).toBe(204);
    expect((await loginFromElsewhere(user.email, PASSWORD)).statusCode).toBe(200);
    expect(await unlocks(user.id)).toEqual([{ actor_id: user.id }]);
  });

  it('changes nothing with a wrong password', async () => {
    const user = await lockedUser();
    expect((await liftOwn(user, WRONG)).json()).toMatchObject({ code: 'invalid_credentials' });
    expect((await loginFromElsewhere(user.email, PASSWORD)).statusCode).toBe(429);
    expect(await unlocks(user.id)).toEqual([]);
  });
});
