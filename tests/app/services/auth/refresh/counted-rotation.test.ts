import { beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, startApi, type TestUser } from '../../../../helpers/api.ts';
import { holdRows, startSession } from '../../../../helpers/replicas.ts';

const api = startApi({ LIMIT_REFRESHES_PER_IP: '5/5m', STATEMENT_TIMEOUT_SECONDS: '30' });

const ADDRESS = '203.0.113.7';
const NARROW = `refresh-ip:${ADDRESS}`;
const WIDE = 'refresh-ip/24:203.0.113.0/24';

let user: TestUser;
beforeEach(async () => {
  user = await api.user();
  await api.sql('delete from rate_limits');
});

const refresh = (refresh_token: string, remoteAddress = ADDRESS) =>
  api.request({ method: 'POST', url: '/auth/refresh', remoteAddress, payload: { refresh_token } });
const counted = () => api.sql(`select key, used from rate_limits where key like 'refresh-ip%' order by key`);
const counters = async (): Promise<number[]> => {
  const rows = await api.sql<{ counter: number }>('select counter from sessions where user_id = $1 order by id', [
    user.id,
  ]);
  return rows.map(({ counter }) => counter);
};
const setUsed = (key: string, used: number) =>
  api.sql(
    `insert into rate_limits (key, used, pending, pending_until, blocked_until, expires_at)
     values ($1, $2, 0, to_timestamp(0), to_timestamp(0), now() + interval '5 minutes')`,
    [key, used],
  );

describe('a refresh alone', () => {
  it('counts in each network of an IPv6 address, and moves its session', async () => {
    const answer = await refresh(user.refresh_token, '2001:db8:1:2::1');
    expect([answer.statusCode, claimsOf(answer.json().refresh_token).ctr]).toEqual([200, 1]);
    expect(answer.headers.ratelimit).toMatch(/^"refresh-ip";r=4;t=(300|299)$/);
    expect(await counted()).toEqual([
      { key: 'refresh-ip/48:2001:db8:1::/48', used: 1 },
      { key: 'refresh-ip/56:2001:db8:1:0::/56', used: 1 },
      { key: 'refresh-ip:2001:db8:1:2::/64', used: 1 },
    ]);
  });

  it('that its address may not have counts there alone, and moves nothing', async () => {
    await setUsed(NARROW, 5);
    await setUsed(WIDE, 7);
    expect((await refresh(user.refresh_token)).json().code).toBe('rate_limited');
    expect(await counted()).toEqual([
      { key: WIDE, used: 7 },
      { key: NARROW, used: 6 },
    ]);
    expect(await counters()).toEqual([0]);
  });

  it('that a wider network may not have moves nothing', async () => {
    await setUsed(WIDE, 40);
    expect((await refresh(user.refresh_token)).json().code).toBe('rate_limited');
    expect(await counted()).toEqual([
      { key: WIDE, used: 41 },
      { key: NARROW, used: 1 },
    ]);
    expect(await counters()).toEqual([0]);
  });

  it('begins a window that is over anew', async () => {
    await setUsed(NARROW, 5);
    await api.sql(`update rate_limits set expires_at = now() - interval '1 second'`);
    const answer = await refresh(user.refresh_token);
    expect([answer.statusCode, await counted()]).toEqual([
      200,
      [
        { key: WIDE, used: 1 },
        { key: NARROW, used: 1 },
      ],
    ]);
    expect(answer.headers.ratelimit).toMatch(/^"refresh-ip";r=4;t=(300|299)$/);
  });

  it('holds no counter while it waits for the row of its session, and is counted once', async () => {
    const other = await startSession(api, user.id);
    const row = await holdRows(api, 'select 1 from sessions where id = $1', [claimsOf(user.access_token).sid]);
    const waits = refresh(user.refresh_token);
    await row.awaitedBy(1);
    expect((await refresh(other.refresh_token)).statusCode).toBe(200);
    await row.release();
    expect((await waits).statusCode).toBe(200);
    expect(await counters()).toEqual([1, 1]);
    expect(await counted()).toEqual([
      { key: WIDE, used: 2 },
      { key: NARROW, used: 2 },
    ]);
  });

  it('finds its session as others have left it while it waited for a counter', async () => {
    await setUsed(NARROW, 0);
    const changes: [string, number][] = [
      ['last_used_at = now()', 1],
      // Another refresh with the same token came first.
      ['counter = counter + 1, refreshed_at = now()', 2],
    ];
    let token = user.refresh_token;
    for (const [change, expected] of changes) {
      const row = await holdRows(api, 'select 1 from rate_limits where key = $1', [NARROW]);
      const waits = refresh(token);
      await row.awaitedBy(1);
      await api.sql(`update sessions set ${change} where user_id = $1`, [user.id]);
      await row.release();
      token = (await waits).json().refresh_token;
      expect([claimsOf(token).ctr, await counters()]).toEqual([expected, [expected]]);
    }
  });
});
