import type { LightMyRequestResponse } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { holdRows, startReplica, startSession, statuses } from '../helpers/replicas.ts';
import { casesOf } from '../helpers/short-form.ts';

const api = startApi({ RATE_LIMITS: 'false', BCRYPT_COST: '10', STATEMENT_TIMEOUT_SECONDS: '30' });
const replica = startReplica(api);
const NEW_PASSWORD = 'another horse, another staple';

interface Pair {
  access_token: string;
  refresh_token: string;
}
/** A session to be ended, and where its end may come from. */
interface Victim extends Pair {
  sid: string;
  user: TestUser;
  /** Another session of the same user. */
  other: Pair;
}
type End = (victim: Victim) => Promise<LightMyRequestResponse>;

let admin: TestUser;
beforeAll(async () => {
  admin = await api.admin();
});

const refresh = (refresh_token: string) =>
  api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const victimOf = async (user: TestUser): Promise<Victim> => {
  const pair = await startSession(api, user.id);
  return { ...pair, user, sid: String(claimsOf(pair.access_token).sid), other: user };
};

/** All that ends a session; each is asked of the other instance than the refresh. */
const ENDS: Record<string, End> = {
  'its own logout': ({ access_token: token }) => replica.request({ method: 'POST', url: '/auth/logout', token }),
  'another session of its user': ({ sid, other }) =>
    replica.request({ method: 'DELETE', url: `/auth/sessions/${sid}`, token: other.access_token }),
  'the end of all other sessions': ({ other }) =>
    replica.request({ method: 'DELETE', url: '/auth/sessions', token: other.access_token }),
  'a change of password': ({ other }) =>
    replica.request({
      method: 'POST',
      url: '/auth/me/password',
      token: other.access_token,
      payload: { current_password: PASSWORD, new_password: NEW_PASSWORD },
    }),
  'the deletion of the account by its owner': ({ other }) =>
    replica.request({
      method: 'DELETE',
      url: '/auth/me',
      token: other.access_token,
      payload: { password: PASSWORD },
    }),
  'an administrator who ends it': ({ user, sid }) =>
    replica.request({ method: 'DELETE', url: `/users/${user.id}/sessions/${sid}`, token: admin.access_token }),
  'an administrator who ends all': ({ user }) =>
    replica.request({ method: 'DELETE', url: `/users/${user.id}/sessions`, token: admin.access_token }),
  'an administrator who disables the user': ({ user }) =>
    replica.request({
      method: 'PATCH',
      url: `/users/${user.id}`,
      token: admin.access_token,
      payload: { is_active: false },
    }),
  'an administrator who deletes the user': ({ user }) =>
    replica.request({ method: 'DELETE', url: `/users/${user.id}`, token: admin.access_token }),
};

/** What the refresh got, where it came first, is as dead as what it was got with. */
async function expectDead(victim: Victim, refreshed: LightMyRequestResponse): Promise<void> {
  const pairs: Pair[] = refreshed.statusCode === 200 ? [victim, refreshed.json()] : [victim];
  for (const { access_token, refresh_token } of pairs)
    for (const { request } of [api, replica]) {
      const me = await request({ url: '/auth/me', token: access_token });
      const again = await request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
      expect([me.statusCode, again.statusCode]).toEqual([401, 401]);
    }
  expect(await api.sql('select 1 from sessions where id = $1', [victim.sid])).toEqual([]);
}

/** Either the refresh came first and was answered, or the session was gone. */
function expectFair(refreshed: LightMyRequestResponse): void {
  const { statusCode } = refreshed;
  const code = statusCode === 200 ? 'refreshed' : refreshed.json().code;
  expect(['refreshed', 'session_ended', 'account_disabled']).toContain(code);
}

describe.each(casesOf(Object.entries(ENDS), 2))('a refresh and %s', (_what, end) => {
  it('leave nothing alive, whichever came to the row first', async () => {
    for (const order of ['refresh first', 'end first'] as const) {
      const victim = await victimOf(await api.user());
      const row = await holdRows(api, 'select 1 from sessions where id = $1', [victim.sid]);
      const starts = [() => refresh(victim.refresh_token), () => end(victim)];
      const answers: Promise<LightMyRequestResponse>[] = [];
      for (const start of order === 'refresh first' ? starts : starts.reverse()) {
        answers.push(start());
        await row.awaitedBy(answers.length);
      }
      await row.release();
      const [first, second] = await Promise.all(answers);
      if (first === undefined || second === undefined) throw new Error('two answers were awaited');
      const [refreshed, ended] = order === 'refresh first' ? [first, second] : [second, first];
      expect([200, 204]).toContain(ended.statusCode);
      expectFair(refreshed);
      expect([order, refreshed.statusCode === 200]).toEqual([order, order === 'refresh first']);
      await expectDead(victim, refreshed);
    }
  });
});

/** Many rounds at free timing: the end sets out between a step before and some steps after the refresh. */
async function raceFreely(rounds: number, end: End, userOf: (round: number) => Promise<TestUser>): Promise<void> {
  for (let from = 0; from < rounds; from += 10)
    await Promise.all(
      Array.from({ length: Math.min(10, rounds - from) }, async (_, n) => {
        const victim = await victimOf(await userOf(from + n));
        const late = async () => {
          for (let step = 0; step < n; step++) await new Promise(setImmediate);
        };
        const [refreshed, ended] =
          n % 2
            ? await Promise.all([refresh(victim.refresh_token), late().then(() => end(victim))])
            : await Promise.all([late().then(() => refresh(victim.refresh_token)), end(victim)]);
        expect([200, 204]).toContain(ended.statusCode);
        expectFair(refreshed);
        await expectDead(victim, refreshed);
      }),
    );
}

describe('at free timing', () => {
  const end = (name: string): End => ENDS[name] ?? (() => Promise.reject(new Error(`no end is called ${name}`)));

  it('two hundred refreshes beside logouts leave nothing alive', async () => {
    const user = await api.user();
    await raceFreely(200, end('its own logout'), async () => user);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    expect(await api.sql('select counter from sessions where user_id = $1', [user.id])).toEqual([{ counter: 0 }]);
  });

  it.each([
    ['a change of password', 10],
    ['an administrator who disables the user', 10],
    ['an administrator who deletes the user', 10],
    ['the deletion of the account by its owner', 10],
  ])('refreshes beside %s leave nothing alive', async (name, rounds) => {
    await raceFreely(rounds, end(name), () => api.user());
  });
});

describe('a refresh and the replay of an older token', () => {
  it('leave nothing alive', async () => {
    const user = await api.user();
    for (let round = 0; round < 10; round++) {
      const victim = await victimOf(user);
      let newest: Pair = victim;
      for (let n = 0; n < 2; n++) newest = (await refresh(newest.refresh_token)).json();
      const replay = () =>
        replica.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token: victim.refresh_token } });
      const [refreshed, replayed] = await Promise.all([refresh(newest.refresh_token), replay()]);
      expect(['refresh_token_reused', 'session_ended']).toContain(replayed.json().code);
      expectFair(refreshed);
      await expectDead(victim, refreshed);
    }
  });
});

describe('one session', () => {
  it('is ended by one of ten who end it at once, and written down once', async () => {
    const victim = await victimOf(await api.user());
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (n % 2 ? api : replica).request({
          method: 'DELETE',
          url: `/auth/sessions/${victim.sid}`,
          token: victim.other.access_token,
        }),
      ),
    );
    expect(statuses(answers)).toEqual({ 204: 1, 404: 9 });
    const events = await api.sql(`select 1 from audit_events where subject_id = $1 and event = 'session.ended'`, [
      victim.user.id,
    ]);
    expect(events).toHaveLength(1);
  });
});

describe('the sessions of a disabled user', () => {
  it('stay dead when the user is enabled again', async () => {
    const user = await api.user();
    const victim = await victimOf(user);
    const enable = (is_active: boolean) =>
      api.request({ method: 'PATCH', url: `/users/${user.id}`, token: admin.access_token, payload: { is_active } });
    expect((await enable(false)).statusCode).toBe(200);
    expect((await enable(true)).json().is_active).toBe(true);
    for (const pair of [victim, user])
      for (const { request } of [api, replica]) {
        expect((await request({ url: '/auth/me', token: pair.access_token })).json().code).toBe('session_ended');
        expect((await refresh(pair.refresh_token)).json().code).toBe('session_ended');
      }
  });
});
