import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../../../helpers/api.ts';

const api = startApi();

/** Sessions of a user whose ids are `age` days old, and which end so many days from now. */
async function addSessions(user_id: string, { age, ends, count = 1 }: { age: number; ends: number; count?: number }) {
  await api.sql(
    `insert into sessions (id, user_id, expires_at)
     select (lpad(to_hex((extract(epoch from now() - make_interval(days => $2)) * 1000)::bigint), 12, '0')
       || '7' || substr(md5(random()::text), 1, 19))::uuid, $1, now() + make_interval(days => $3)
     from generate_series(1, $4)`,
    [user_id, age, ends, count],
  );
}
const sessionsOf = async (user_id: string): Promise<number> =>
  (await api.sql('select 1 from sessions where user_id = $1', [user_id])).length;

describe('the cleanup of sessions', () => {
  it('removes those that are past their end, however many, and no other', async () => {
    const user = await api.user();
    await addSessions(user.id, { age: 40, ends: -10, count: 2500 });
    // Begun under a longer DAYS_SESSION_MAX, and not over yet.
    await addSessions(user.id, { age: 40, ends: 5, count: 3 });
    expect(await api.app.ctx.sessionCleanup.run()).toBe(2500);
    expect(await sessionsOf(user.id)).toBe(4);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    expect(await api.app.ctx.sessionCleanup.run()).toBe(0);
  });

  it('is done once by two replicas at the same time, and waits for nobody', async () => {
    const user = await api.user();
    await addSessions(user.id, { age: 40, ends: -10, count: 1500 });
    const other = new pg.Client(api.url);
    await other.connect();
    await other.query('begin');
    await other.query('select id from sessions where user_id = $1 order by id limit 1 for update', [user.id]);
    const { run } = api.app.ctx.sessionCleanup;
    const removed = await Promise.all([run(), run()]);
    expect(removed[0] + removed[1]).toBe(1499);
    await other.query('rollback');
    await other.end();
    expect(await run()).toBe(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });
});
