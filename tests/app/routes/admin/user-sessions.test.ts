import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { claimsOf, PASSWORD, startApi, type TestUser } from '../../../helpers/api.ts';

const api = startApi();
let replica: FastifyInstance;

beforeAll(async () => {
  replica = await buildApp(api.config, { log: api.app.log });
});
afterAll(() => replica?.close());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const UNKNOWN_ID = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

const loginFrom = async (
  user: TestUser,
  user_agent: string,
): Promise<{ access_token: string; refresh_token: string }> => {
  const payload = { email: user.email, password: PASSWORD };
  const headers = { 'user-agent': user_agent };
  return (await api.request({ method: 'POST', url: '/auth/login', payload, headers })).json();
};
const sessionOf = (pair: { access_token: string }): string => String(claimsOf(pair.access_token).sid);
const meOnReplica = (token: string) =>
  replica.inject({ url: '/auth/me', headers: { authorization: `Bearer ${token}` } });
const refreshOnReplica = (refresh_token: string) =>
  replica.inject({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });

describe('GET /users/{id}/sessions', () => {
  it('lists what the user’s own list has, device included, and none of them as current', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    await loginFrom(user, FIREFOX);
    await loginFrom(user, 'curl/8.5.0');
    const own = await api.request({ url: '/auth/sessions', token: user.access_token });
    const seen = await api.request({ url: `/users/${user.id}/sessions`, token: admin.access_token });
    expect(seen.statusCode).toBe(200);
    const devices = seen.json().items.map((session: { device: string }) => session.device);
    expect(devices.slice(0, 2)).toEqual(['curl', 'Firefox on Linux']);
    expect(seen.json().items).toEqual(own.json().items.map((session: object) => ({ ...session, current: false })));
    expect(own.json().items.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
  });

  it('pages newest first', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    for (let n = 0; n < 3; n++) await loginFrom(user, `agent-${n}`);
    const page = async (cursor: string | null) =>
      (
        await api.request({
          url: `/users/${user.id}/sessions`,
          query: { limit: '2', ...(cursor !== null && { cursor }) },
          token: admin.access_token,
        })
      ).json();
    const first = await page(null);
    const second = await page(first.next_cursor);
    const names = [...first.items, ...second.items].map((session: { device: string }) => session.device);
    expect(names.slice(0, 3)).toEqual(['agent-2', 'agent-1', 'agent-0']);
    expect(names).toHaveLength(4);
    expect(second.next_cursor).toBeNull();
  });
});

describe('DELETE /users/{id}/sessions', () => {
  it('ends every session at once on every replica, access tokens included', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const pairs = [user, await loginFrom(user, FIREFOX)];
    for (const { access_token } of pairs) expect((await meOnReplica(access_token)).statusCode).toBe(200);
    const url = `/users/${user.id}/sessions`;
    expect((await api.request({ method: 'DELETE', url, token: admin.access_token })).statusCode).toBe(204);
    for (const { access_token, refresh_token } of pairs) {
      expect((await meOnReplica(access_token)).json().code).toBe('session_ended');
      expect((await refreshOnReplica(refresh_token)).json().code).toBe('session_ended');
    }
    expect((await api.request({ url, token: admin.access_token })).json().items).toEqual([]);
    expect((await loginFrom(user, FIREFOX)).access_token).toBeTypeOf('string');
  });
});

describe('DELETE /users/{id}/sessions/{session_id}', () => {
  it('ends that one at once on every replica and no other', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const other = await loginFrom(user, FIREFOX);
    const url = `/users/${user.id}/sessions/${sessionOf(other)}`;
    expect((await api.request({ method: 'DELETE', url, token: admin.access_token })).statusCode).toBe(204);
    expect((await meOnReplica(other.access_token)).json().code).toBe('session_ended');
    expect((await meOnReplica(user.access_token)).statusCode).toBe(200);
    const again = await api.request({ method: 'DELETE', url, token: admin.access_token });
    expect(again.json().code).toBe('session_not_found');
  });

  it('does not find the session of another user under this one', async () => {
    const [admin, user, other] = [await api.admin(), await api.user(), await api.user()];
    const url = `/users/${user.id}/sessions/${sessionOf(other)}`;
    const answer = await api.request({ method: 'DELETE', url, token: admin.access_token });
    expect(answer.json().code).toBe('session_not_found');
    expect((await meOnReplica(other.access_token)).statusCode).toBe(200);
  });
});

describe('the sessions of somebody', () => {
  const calls = (user_id: string, session_id: string) =>
    [
      { method: 'GET', url: `/users/${user_id}/sessions` },
      { method: 'DELETE', url: `/users/${user_id}/sessions` },
      { method: 'DELETE', url: `/users/${user_id}/sessions/${session_id}` },
    ] as const;

  it('who does not exist are user_not_found', async () => {
    const admin = await api.admin();
    for (const call of calls(UNKNOWN_ID, UNKNOWN_ID)) {
      const answer = await api.request({ ...call, token: admin.access_token });
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'user_not_found']);
    }
  });

  it('are out of reach for everybody but administrators, the owner included', async () => {
    const user = await api.user();
    for (const call of calls(user.id, sessionOf(user))) {
      expect((await api.request(call)).json().code).toBe('not_authenticated');
      expect((await api.request({ ...call, token: user.access_token })).json().code).toBe('forbidden');
    }
    expect((await meOnReplica(user.access_token)).statusCode).toBe(200);
  });
});
