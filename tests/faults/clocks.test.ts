import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { claimsOf, PASSWORD } from '../helpers/api.ts';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { send } from '../helpers/fault-traffic.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { createSetClock, faketimeLibrary } from '../helpers/set-clock.ts';
import { casesOf } from '../helpers/short-form.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const library = faketimeLibrary;
if (library === undefined) {
  describe('clocks', () => it.skip('may be wrong (skipped: libfaketime is not installed)'));
} else {
  describe('beside a database whose clock is right', () => wrongClocks(library));
}

interface Pair {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/** The status, and the code of a refusal. */
type Verdict = [number, string?];

async function ask(app: ServedApp, path: string, options: Parameters<typeof send>[2]): Promise<Verdict> {
  const { status, text } = await send(path, app.url + path, options);
  return status < 400 ? [status] : [status, JSON.parse(text).code];
}

function me(app: ServedApp, { access_token }: Pair): Promise<Verdict> {
  return ask(app, '/auth/me', { token: access_token });
}

async function refresh(app: ServedApp, pair: Pair): Promise<Verdict> {
  const body = { refresh_token: pair.refresh_token };
  const { status, text } = await send('refresh', `${app.url}/auth/refresh`, { body });
  if (status !== 200) return [status, JSON.parse(text).code];
  Object.assign(pair, JSON.parse(text));
  return [status];
}

async function register(app: ServedApp): Promise<Pair> {
  const body = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD };
  const { status, text } = await send('register', `${app.url}/auth/register`, { body });
  expect(status).toBe(201);
  return JSON.parse(text);
}

function wrongClocks(library: string): void {
  const clock = createSetClock(library);
  const others = createSetClock(library);
  let other: ServedApp;
  let right: ServedApp;
  const serve = async (atEnd: AsyncDisposableStack, settings: Record<string, string>): Promise<ServedApp> => {
    // Of another name, so that its connections are not counted as those of the application.
    const served = await serveApp(`${scene.postgres.url}?application_name=beside`, settings);
    atEnd.defer(async () => void (await served.stop()));
    return served;
  };

  // Declared first, it runs last.
  afterAll(() => {
    for (const { remove } of [clock, others]) remove();
  });
  const scene = openFaultScene({
    serve: async ({ url }, atEnd) => {
      other = await serve(atEnd, others.environment);
      right = await serve(atEnd, {});
      return serveApp(url, { ...SHORT_DEADLINES, ...clock.environment });
    },
  });
  afterEach(() => {
    for (const { set } of [clock, others]) set(0);
  });

  describe('replicas whose clocks are apart', () => {
    it.each(casesOf([-45, 45], 2))(
      'by %i s take each other’s tokens, and refreshes go by the counter',
      async (seconds) => {
        others.set(seconds);
        const pair = await register(other);
        const first = { ...pair };
        for (const [index, app] of [right, other, right, other].entries()) {
          expect(await me(app, pair)).toEqual([200]);
          expect(await refresh(app, pair)).toEqual([200]);
          expect(claimsOf(pair.refresh_token).ctr).toBe(index + 1);
        }
        expect(await me(right, pair)).toEqual([200]);
        expect(await refresh(other, first)).toEqual([401, 'refresh_token_reused']);
        expect((await me(right, pair))[0]).toBe(401);
      },
    );

    it('by two minutes, one ahead and one behind: a token from the future is refused, a session lasts as long everywhere and is not ended', async () => {
      clock.set(2 * MINUTE);
      others.set(-2 * MINUTE);
      const apps = [other, right, scene.app];
      const pairs = await Promise.all(apps.map(register));
      const future: Verdict = [401, 'token_invalid'];
      // A row for each app, from the one behind to the one ahead; a column for the maker of the token.
      const taken = await Promise.all(apps.map((app) => Promise.all(pairs.map((pair) => me(app, pair)))));
      expect(taken).toEqual([
        [[200], future, future],
        [[200], [200], future],
        [[200], [200], [200]],
      ]);
      for (const pair of pairs) {
        // A refresh token says the time of the database.
        expect(await refresh(other, pair)).toEqual(future);
        for (const app of [right, scene.app]) expect(await refresh(app, pair)).toEqual([200]);
      }
      const lives = await scene.postgres.sql(
        'select extract(epoch from expires_at - created_at)::int as seconds from sessions where user_id = any($1)',
        [pairs.map((pair) => claimsOf(pair.access_token).sub)],
      );
      expect(lives).toEqual(Array(3).fill(lives[0]));
    });
  });

  describe('a clock that is set back an hour, ahead an hour and right again under a running process', () => {
    /** A write that finds its table locked ends at its deadline, whatever the clock says. */
    async function expectTimers({ access_token }: Pair): Promise<void> {
      const stranger = new pg.Client(scene.postgres.url);
      await stranger.connect();
      onTestFinished(() => stranger.end());
      await stranger.query('begin; lock table kit_notes');
      const began = performance.now();
      const body = { title: 'locked' };
      expect(await ask(scene.app, '/kit-notes', { token: access_token, body })).toEqual([503, 'service_unavailable']);
      expect(performance.now() - began).toBeGreaterThan(900);
      expect(performance.now() - began).toBeLessThan(5000);
      await stranger.query('rollback');
    }

    it('refuses tokens of another time, gives none a negative life, ends no session and keeps its deadlines', async () => {
      const { app, traffic } = scene;
      const before = await register(app);
      const made: Pair[] = [];
      for (const [offset, code] of [
        [-HOUR, 'token_invalid'],
        [HOUR, 'token_expired'],
      ] as const) {
        clock.set(offset);
        const during = await register(app);
        made.push(during);
        const { iat, exp } = claimsOf(during.access_token) as { iat: number; exp: number };
        expect(Math.abs(iat - offset - Date.now() / 1000), 'the process has the clock that was set').toBeLessThan(20);
        expect([during.expires_in, exp - iat]).toEqual([HOUR, HOUR]);
        const life = claimsOf(during.refresh_token) as { iat: number; exp: number };
        expect(life.exp - life.iat).toBeGreaterThan(HOUR);
        expect(await me(app, before)).toEqual([401, code]);
        expect(await me(app, during)).toEqual([200]);
        await expectTimers(during);
      }
      clock.set(0);
      await sleep(300);
      // Until now clients were refused, for the reason that they had to be told.
      const wrong = ({ what, status, text }: (typeof traffic.answers)[number]): boolean =>
        status === 401 && ['read', 'write', 'refresh'].includes(what) && /"token_(invalid|expired)"/.test(text);
      expect(traffic.answers.some(wrong)).toBe(true);
      traffic.answers.splice(0, traffic.answers.length, ...traffic.answers.filter((answer) => !wrong(answer)));
      expect(await me(app, before)).toEqual([200]);
      for (const pair of [before, ...made]) expect(await refresh(app, pair)).toEqual([200]);
      await expectRecovery({ ...scene, is_felt: false });
    });
  });

  describe('the limits of a process whose clock jumps', () => {
    const limited = async (settings: Record<string, string> = {}): Promise<() => Promise<number>> => {
      const app = await serveApp(scene.postgres.url, { RATE_LIMITS: 'true', ...settings, ...others.environment });
      onTestFinished(async () => void (await app.stop()));
      return async () => {
        const body = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD };
        return (await send('register', `${app.url}/auth/register`, { body })).status;
      };
    };
    const counted = async (): Promise<number> => {
      const [row] = await scene.postgres.sql<{ used: number }>(
        `select used from rate_limits where key like 'register-ip:%'`,
      );
      return row?.used ?? 0;
    };

    it('go on as if it did not', async () => {
      const registers = await limited({ LIMIT_REGISTRATIONS_PER_IP: '4/30m' });
      const statuses: number[] = [];
      for (const offset of [0, -HOUR, HOUR, 0, HOUR, -HOUR, 0]) {
        others.set(offset);
        statuses.push(await registers());
      }
      expect(statuses).toEqual([201, 201, 201, 201, 429, 429, 429]);
    });

    it('are not kept from their shared store for that hour', async () => {
      const registers = await limited();
      const before = await counted();
      others.set(HOUR);
      await scene.postgres.sql('alter table rate_limits rename to rate_limits_away');
      expect(await registers()).toBe(201);
      await scene.postgres.sql('alter table rate_limits_away rename to rate_limits');
      others.set(0);
      expect(await registers()).toBe(201);
      expect(await counted()).toBe(before + 1);
    });
  });
}
