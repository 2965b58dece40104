import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi } from '../../../helpers/api.ts';

const api = startApi();

const refresh = (refresh_token: string) =>
  api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const me = (token: string) => api.request({ url: '/auth/me', token });
const newSession = async (email: string) =>
  (await api.request({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } })).json();

describe('POST /auth/refresh', () => {
  it('gives the next pair; the same token within the grace gives the same successor, byte for byte', async () => {
    const user = await api.user();
    const first = (await refresh(user.refresh_token)).json();
    const again = (await refresh(user.refresh_token)).json();
    expect(claimsOf(first.refresh_token)).toMatchObject({ sub: user.id, ctr: 1 });
    expect(again.refresh_token).toBe(first.refresh_token);
    expect((await me(first.access_token)).statusCode).toBe(200);
    const [row] = await api.sql<{ counter: number }>('select counter from sessions where user_id = $1', [user.id]);
    expect(row?.counter).toBe(1);
  });

  it('ends the session when a rotated token returns after the grace, live access tokens included', async () => {
    const user = await api.user();
    const next = (await refresh(user.refresh_token)).json();
    await api.sql(`update sessions set refreshed_at = refreshed_at - interval '11 seconds' where user_id = $1`, [
      user.id,
    ]);
    const reused = await refresh(user.refresh_token);
    expect([reused.statusCode, reused.json().code]).toEqual([401, 'refresh_token_reused']);
    expect((await refresh(next.refresh_token)).json().code).toBe('session_ended');
    expect((await me(next.access_token)).json().code).toBe('session_ended');
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
  });

  it('ends the session when a token from further back returns, grace or not', async () => {
    const user = await api.user();
    const second = (await refresh(user.refresh_token)).json();
    await refresh(second.refresh_token);
    expect((await refresh(user.refresh_token)).json().code).toBe('refresh_token_reused');
  });

  it('refuses an access token, and /auth/me a refresh token', async () => {
    const user = await api.user();
    expect((await refresh(user.access_token)).json().code).toBe('token_invalid');
    expect((await me(user.refresh_token)).json().code).toBe('token_invalid');
  });

  it('refuses a session that was idle too long or is too old', async () => {
    for (const change of [
      `refreshed_at = now() - interval '7 days 1 second'`,
      `expires_at = now() - interval '1 second'`,
    ]) {
      const user = await api.user();
      await api.sql(`update sessions set ${change} where user_id = $1`, [user.id]);
      expect((await refresh(user.refresh_token)).json().code).toBe('session_ended');
      expect((await me(user.access_token)).json().code).toBe('session_ended');
    }
  });
});

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
