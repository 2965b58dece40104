import { describe, expect, it } from 'vitest';
import { startApi } from '../helpers/api.ts';

const api = startApi();

describe('the upkeep of sessions', () => {
  it('removes those past their absolute end, in as many batches as it takes, and no other', async () => {
    const living = await api.user();
    await api.sql(
      `insert into sessions (id, user_id, expires_at)
       select gen_random_uuid(), $1, now() - interval '1 second' * n from generate_series(0, 2499) n`,
      [living.id],
    );
    expect(await api.app.ctx.session_upkeep.run()).toBe(2500);
    expect(await api.sql('select count(*)::int as sessions from sessions')).toEqual([{ sessions: 1 }]);
    expect((await api.request({ url: '/auth/me', token: living.access_token })).statusCode).toBe(200);
    expect(await api.app.ctx.session_upkeep.run()).toBe(0);
  });

  it('passes over rows that somebody holds, and shares the rest with other replicas', async () => {
    const { id } = await api.user();
    await api.sql(
      `insert into sessions (id, user_id, expires_at) select gen_random_uuid(), $1, now() from generate_series(1, 3000)`,
      [id],
    );
    const rounds = await Promise.all([1, 2, 3].map(() => api.app.ctx.session_upkeep.run()));
    expect(rounds.reduce((sum, removed) => sum + removed, 0)).toBe(3000);
  });
});
