import { describe, expect, it } from 'vitest';
import { claimsOf, startApi } from '../../../helpers/api.ts';

const api = startApi();

const refresh = (refresh_token: string) =>
  api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const me = (token: string) => api.request({ url: '/auth/me', token });

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
