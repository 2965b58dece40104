import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, type TestUser } from '../helpers/api.ts';
import { type Answer, type Fleet, missing, startFleet, statuses } from '../helpers/proxied-replicas.ts';
import { casesOf } from '../helpers/short-form.ts';

const NEW_PASSWORD = 'another horse, another battery';
const WRONG = 'wrong horse battery staple';
const ROUNDS = 5;
/** Where each round is several hashes. */
const HASHING_ROUNDS = 3;

const FLEETS = [
  { name: 'four replicas', count: 4, every: true, environment: { TRUSTED_PROXIES: '127.0.0.1' } },
  { name: 'two replicas', count: 2, every: false, environment: {} },
  { name: 'two replicas of two workers', count: 2, every: false, environment: { WORKERS: '2' } },
];

describe.skipIf(missing.length > 0).each(casesOf(FLEETS, 2))(
  `$name behind HAProxy and a transaction pooler${missing.length > 0 ? ` (skipped: ${missing.join(' and ')} is not installed)` : ''}`,
  ({ count, every, environment }) => {
    let fleet: Fleet;
    let admin: TestUser;

    beforeAll(async () => {
      fleet = await startFleet(count, environment);
      admin = await fleet.admin();
    });
    afterAll(() => fleet?.end());
    beforeEach(() => fleet.sql('delete from rate_limits'));

    const refresh = (refresh_token: string) => fleet.call('/auth/refresh', { body: { refresh_token } });
    const login = (email: string, password = PASSWORD) => fleet.call('/auth/login', { body: { email, password } });
    const times = <T>(n: number, work: () => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: n }, () => work()));
    const sessionsOf = ({ id }: TestUser) =>
      fleet.sql<{ id: string; counter: number }>('select id, counter from sessions where user_id = $1', [id]);
    const eventsOf = async ({ id }: TestUser, event: string): Promise<number> =>
      (await fleet.sql('select 1 from audit_events where subject_id = $1 and event = $2', [id, event])).length;
    const codesOf = (answers: Answer[]): unknown[] => [...new Set(answers.map(({ body }) => body.code))];

    /** The last refresh token that anybody got, so that nobody can hold a better one. */
    const lastToken = (before: string, answers: Answer[]): string =>
      String(answers.find(({ body }) => body.refresh_token)?.body.refresh_token ?? before);

    /** Nothing of the session works at any replica, and it has no row. */
    const expectEnded = async (user: TestUser, tokens: { access: string; refresh: string }): Promise<void> => {
      const { sid } = claimsOf(tokens.access);
      expect((await sessionsOf(user)).filter(({ id }) => id === sid)).toEqual([]);
      const asked = await fleet.callEach('/auth/me', { token: tokens.access });
      const refreshed = await fleet.callEach('/auth/refresh', { body: { refresh_token: tokens.refresh } });
      expect(statuses([...asked, ...refreshed])).toEqual({ 401: 2 * count });
    };

    /** Refreshes on the way while something ends the session, in each round anew. */
    const raceRefresh = async (rounds: number, against: (user: TestUser) => Promise<Answer>): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        const user = await fleet.user();
        const [ending, ...refreshed] = await Promise.all([
          against(user),
          ...Array.from({ length: 4 }, () => refresh(user.refresh_token)),
        ]);
        expect(ending.status).toBeLessThan(300);
        expect(refreshed.filter(({ status }) => status !== 200 && status !== 401 && status !== 403)).toEqual([]);
        const access = refreshed.find(({ status }) => status === 200)?.body.access_token ?? user.access_token;
        await expectEnded(user, { access: String(access), refresh: lastToken(user.refresh_token, refreshed) });
      }
    };

    describe('a refresh', () => {
      it('moves its session once, whoever of twenty racers comes first', async () => {
        const user = await fleet.user();
        const answers = await times(20, () => refresh(user.refresh_token));
        expect(statuses(answers)).toEqual({ 200: 20 });
        expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
        expect(new Set(answers.map(({ replica }) => replica)).size).toBe(count);
        expect(await sessionsOf(user)).toMatchObject([{ counter: 1 }]);
      });

      it.runIf(every)('keeps one lineage while two clients go on with every successor', async () => {
        const user = await fleet.user();
        let token = user.refresh_token;
        for (let step = 0; step < 10; step++) {
          const answers = await times(2, () => refresh(token));
          expect(statuses(answers)).toEqual({ 200: 2 });
          token = lastToken(token, answers);
        }
        expect(await sessionsOf(user)).toMatchObject([{ counter: 10 }]);
      });

      it('does not outlive a logout beside it', async () => {
        await raceRefresh(ROUNDS, ({ access_token }) =>
          fleet.call('/auth/logout', { method: 'POST', token: access_token }),
        );
      });

      it.runIf(every)('does not outlive a change of the password beside it', async () => {
        await raceRefresh(HASHING_ROUNDS, async ({ email }) => {
          const { access_token } = (await login(email)).body;
          const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
          return fleet.call('/auth/me/password', { token: String(access_token), body });
        });
      });

      it.runIf(every)('does not outlive the end of its account beside it', async () => {
        await raceRefresh(HASHING_ROUNDS, ({ access_token }) =>
          fleet.call('/auth/me', { method: 'DELETE', token: access_token, body: { password: PASSWORD } }),
        );
      });

      it.runIf(every)('gives a disabled user nothing, however it races', async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const user = await fleet.user();
          const [disabled, ...refreshed] = await Promise.all([
            fleet.call(`/users/${user.id}`, { method: 'PATCH', token: admin.access_token, body: { is_active: false } }),
            ...Array.from({ length: 4 }, () => refresh(user.refresh_token)),
          ]);
          expect(disabled.status).toBe(200);
          const pair = refreshed.find(({ status }) => status === 200)?.body ?? user;
          const asked = await fleet.callEach('/auth/me', { token: String(pair.access_token) });
          const again = await fleet.callEach('/auth/refresh', { body: { refresh_token: pair.refresh_token } });
          for (const { status } of [...asked, ...again]) expect([401, 403]).toContain(status);
        }
      });
    });

    describe('a refresh token that returns', () => {
      it('ends its session on every replica at once, and is written down once', async () => {
        const user = await fleet.user();
        const first = (await refresh(user.refresh_token)).body;
        const second = (await refresh(String(first.refresh_token))).body;
        expect(statuses(await fleet.callEach('/auth/me', { token: String(second.access_token) }))).toEqual({
          200: count,
        });
        const replayed = await times(6, () => refresh(user.refresh_token));
        expect(statuses(replayed)).toEqual({ 401: 6 });
        expect(replayed.some(({ body }) => body.code === 'refresh_token_reused')).toBe(true);
        await expectEnded(user, { access: String(second.access_token), refresh: String(second.refresh_token) });
        expect(await eventsOf(user, 'session.refresh_token_reused')).toBe(1);
      });
    });

    describe('a logout', () => {
      it('holds at once on every replica that has just seen the session', async () => {
        const user = await fleet.user();
        expect(statuses(await fleet.callEach('/auth/me', { token: user.access_token }))).toEqual({ 200: count });
        const answer = await fleet.call('/auth/logout', { method: 'POST', token: user.access_token });
        expect(answer.status).toBe(204);
        // More questions than there are workers, so that each of them is asked.
        const asked = (await times(4, () => fleet.callEach('/auth/me', { token: user.access_token }))).flat();
        expect(statuses(asked)).toEqual({ 401: 4 * count });
        expect(codesOf(asked)).toEqual(['session_ended']);
        expect(await sessionsOf(user)).toEqual([]);
      });
    });

    describe('X-Forwarded-For through the proxy', () => {
      const isBelieved = 'TRUSTED_PROXIES' in environment;

      it(`${isBelieved ? 'names the client that the proxy saw' : 'is not believed where no proxy is trusted'}, however it rotates`, async () => {
        for (let n = 1; n <= 2 * count; n++) {
          const headers = { 'x-forwarded-for': `198.51.100.${n}` };
          const body = { email: `nobody-${n}@example.com`, password: WRONG };
          const answer = await fleet.call('/auth/login', { body, headers, from: '127.0.0.7' });
          expect(answer.status).toBe(401);
        }
        const counted = await fleet.sql(`select key, used from rate_limits where key like 'login-ip:%'`);
        expect(counted).toEqual([{ key: `login-ip:${isBelieved ? '127.0.0.7' : '127.0.0.1'}`, used: 2 * count }]);
      });
    });

    describe('an account', () => {
      it('is opened once by twenty registrations of its address at the same time', async () => {
        const email = `race-${crypto.randomUUID()}@example.com`;
        const spellings = [email, email.toUpperCase()];
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            fleet.call('/auth/register', { body: { email: spellings[n % 2], password: PASSWORD } }),
          ),
        );
        expect(statuses(answers)).toEqual({ 201: 1, 409: 19 });
        const rows = await fleet.sql<{ id: string }>('select id from users where email = $1', [email]);
        expect(rows).toHaveLength(1);
        expect(await fleet.sql('select 1 from sessions where user_id = $1', [rows[0]?.id])).toHaveLength(1);
      });

      it('has its failed logins counted across replicas', async () => {
        const user = await fleet.user();
        const answers = await times(50, () => login(user.email, WRONG));
        expect(statuses(answers)).toEqual({ 401: 10, 429: 40 });
        expect(await eventsOf(user, 'login.failed')).toBe(10);
        expect((await login(user.email)).status).toBe(429);
        expect(await sessionsOf(user)).toHaveLength(1);
      });

      it.runIf(every)('lets twenty right logins pass at the same time', async () => {
        const user = await fleet.user();
        expect(statuses(await times(20, () => login(user.email)))).toEqual({ 200: 20 });
        expect(await sessionsOf(user)).toHaveLength(21);
      });

      it.runIf(every)('leaves no session behind where a login races its deletion', async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const user = await fleet.user();
          const [deleted, ...logins] = await Promise.all([
            fleet.call(`/users/${user.id}`, { method: 'DELETE', token: admin.access_token }),
            ...Array.from({ length: 2 }, () => login(user.email)),
          ]);
          expect(deleted.status).toBe(204);
          expect(logins.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
          expect(await sessionsOf(user)).toEqual([]);
          for (const { body, status } of logins) {
            if (status !== 200) continue;
            const asked = await fleet.callEach('/auth/me', { token: String(body.access_token) });
            expect(statuses(asked)).toEqual({ 401: count });
          }
        }
      });

      it.runIf(every)('takes one of two new passwords that are set at the same time', async () => {
        const user = await fleet.user();
        const other = String((await login(user.email)).body.access_token);
        const wanted = [NEW_PASSWORD, `${NEW_PASSWORD}, twice`];
        const answers = await Promise.all(
          [user.access_token, other].map((token, n) =>
            fleet.call('/auth/me/password', {
              token,
              body: { current_password: PASSWORD, new_password: wanted[n] },
            }),
          ),
        );
        expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        const logins = await Promise.all([PASSWORD, ...wanted].map((password) => login(user.email, password)));
        const winner = answers.findIndex(({ status }) => status === 204);
        expect(logins.map(({ status }) => status)).toEqual([401, winner === 0 ? 200 : 401, winner === 1 ? 200 : 401]);
      });
    });
  },
);
