import { describe, expect, it } from 'vitest';
import { claimsOf, startApi, type TestApi, type TestUser } from '../../../../helpers/api.ts';
import { statementsOf } from '../../../../helpers/plans.ts';
import { holdRows, startReplica, startSession } from '../../../../helpers/replicas.ts';

const api = startApi({ RATE_LIMITS: 'false', STATEMENT_TIMEOUT_SECONDS: '30' });
const replica = startReplica(api);

interface Started {
  sid: string;
  refresh_token: string;
}

/** Sessions of one user, oldest first. */
async function sessionsOf(user: TestUser, count: number): Promise<Started[]> {
  const started: Started[] = [];
  while (started.length < count) {
    const { access_token, refresh_token } = await startSession(api, user.id);
    started.push({ sid: String(claimsOf(access_token).sid), refresh_token });
  }
  return started;
}

const refresh = (refresh_token: string, { request }: Pick<TestApi, 'request'> = api) =>
  request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const counters = async (user: TestUser): Promise<number[]> => {
  const rows = await api.sql<{ counter: number }>('select counter from sessions where user_id = $1 order by id', [
    user.id,
  ]);
  return rows.map(({ counter }) => counter);
};

describe('refreshes of the same moment', () => {
  it('share statements, and each session moves by one', async () => {
    const user = await api.user();
    const started = await sessionsOf(user, 60);
    const statements = await statementsOf(async () => {
      const answers = await Promise.all(started.map(({ refresh_token }) => refresh(refresh_token)));
      for (const [index, answer] of answers.entries()) {
        expect(answer.statusCode).toBe(200);
        const { sid, ctr } = claimsOf(answer.json().refresh_token);
        expect([sid, ctr]).toEqual([started[index]?.sid, 1]);
      }
    });
    expect(statements.filter(({ text }) => /update "sessions"/.test(text)).length).toBeLessThan(20);
    expect(await counters(user)).toEqual([0, ...Array(60).fill(1)]);
  });

  it('of the same token, and of others, move each session once and give each its own successor', async () => {
    const user = await api.user();
    const started = await sessionsOf(user, 5);
    const asked = started.flatMap(({ refresh_token }) => Array<string>(6).fill(refresh_token));
    const answers = await Promise.all(asked.map((token, n) => refresh(token, n % 2 ? api : replica)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(30).fill(200));
    for (const [index, { sid }] of started.entries()) {
      const successors = answers.slice(index * 6, index * 6 + 6).map((answer) => answer.json().refresh_token);
      expect(new Set(successors).size).toBe(1);
      expect(claimsOf(successors[0]).sid).toBe(sid);
    }
    expect(await counters(user)).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it('do not wait for the one whose row somebody holds', async () => {
    const user = await api.user();
    const [held, ...others] = await sessionsOf(user, 40);
    if (held === undefined) throw new Error('no session was started');
    const row = await holdRows(api, 'select 1 from sessions where id = $1', [held.sid]);
    const waits = refresh(held.refresh_token);
    const passed = await Promise.all(others.map(({ refresh_token }) => refresh(refresh_token)));
    expect(passed.map(({ statusCode }) => statusCode)).toEqual(Array(39).fill(200));
    await row.awaitedBy(1);
    expect(await counters(user)).toEqual([0, 0, ...Array(39).fill(1)]);
    await row.release();
    expect((await waits).statusCode).toBe(200);
    expect(await counters(user)).toEqual([0, ...Array(40).fill(1)]);
  });

  it('go on while more wait for held rows than may be under way at once', async () => {
    const user = await api.user();
    const started = await sessionsOf(user, 8);
    const row = await holdRows(api, 'select 1 from sessions where user_id = $1', [user.id]);
    const waits = [];
    for (const [index, { refresh_token }] of started.entries()) {
      waits.push(refresh(refresh_token));
      await row.awaitedBy(index + 1);
    }
    const other = await api.user();
    expect((await refresh(other.refresh_token)).statusCode).toBe(200);
    await row.release();
    for (const answer of await Promise.all(waits)) expect(answer.statusCode).toBe(200);
  });

  it('leave out the session that has ended and the user who is disabled', async () => {
    const [user, disabled] = [await api.user(), await api.user()];
    const [ended, ...others] = await sessionsOf(user, 10);
    await api.sql('delete from sessions where id = $1', [ended?.sid]);
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    const tokens = [ended?.refresh_token ?? '', disabled.refresh_token, ...others.map((one) => one.refresh_token)];
    const answers = await Promise.all(tokens.map((token) => refresh(token)));
    expect(answers.map((answer) => answer.json().code)).toEqual([
      'session_ended',
      'account_disabled',
      ...Array(9).fill(undefined),
    ]);
    expect(await counters(disabled)).toEqual([0]);
    expect(await counters(user)).toEqual([0, ...Array(9).fill(1)]);
  });
});
