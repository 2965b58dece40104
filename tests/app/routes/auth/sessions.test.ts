import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi } from '../../../helpers/api.ts';

const api = startApi();

const refresh = (refresh_token: string) =>
  api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const me = (token: string) => api.request({ url: '/auth/me', token });
const newSession = async (email: string) =>
  (await api.request({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } })).json();

describe('POST /auth/logout', () => {
  it('ends this session at once, and no other', async () => {
    const user = await api.user();
    const other = await newSession(user.email);
    expect((await api.request({ method: 'POST', url: '/auth/logout', token: user.access_token })).statusCode).toBe(204);
    expect((await me(user.access_token)).json().code).toBe('session_ended');
    expect((await refresh(user.refresh_token)).json().code).toBe('session_ended');
    expect((await me(other.access_token)).statusCode).toBe(200);
  });
});

describe('/auth/sessions', () => {
  it('lists the sessions newest first, with the asking one marked', async () => {
    const user = await api.user();
    await newSession(user.email);
    const response = await api.request({ url: '/auth/sessions', token: user.access_token });
    const { items, next_cursor } = response.json();
    expect(next_cursor).toBeNull();
    expect(items.map((session: { current: boolean }) => session.current)).toEqual([false, true]);
    expect(items[1]).toMatchObject({
      id: claimsOf(user.access_token).sid,
      ip: '127.0.0.1',
      user_agent: 'lightMyRequest',
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
    });
  });

  it('DELETE /{id} ends one of one’s own, and knows nobody else’s', async () => {
    const [user, stranger] = [await api.user(), await api.user()];
    const other = await newSession(user.email);
    const end = (id: unknown, token: string) => api.request({ method: 'DELETE', url: `/auth/sessions/${id}`, token });
    const foreign = await end(claimsOf(other.access_token).sid, stranger.access_token);
    expect([foreign.statusCode, foreign.json().code]).toEqual([404, 'session_not_found']);
    expect((await me(other.access_token)).statusCode).toBe(200);
    expect((await end(claimsOf(other.access_token).sid, user.access_token)).statusCode).toBe(204);
    expect((await me(other.access_token)).json().code).toBe('session_ended');
  });

  it('DELETE ends all but the asking one', async () => {
    const user = await api.user();
    const others = [await newSession(user.email), await newSession(user.email)];
    expect((await api.request({ method: 'DELETE', url: '/auth/sessions', token: user.access_token })).statusCode).toBe(
      204,
    );
    for (const other of others) expect((await me(other.access_token)).statusCode).toBe(401);
    expect((await me(user.access_token)).statusCode).toBe(200);
  });
});
