import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, startApi, type TestUser, tokenForm } from '../helpers/api.ts';
import { ask, holdRows, startReplica, startSession, statuses } from '../helpers/replicas.ts';

const DAY_MS = 86_400_000;
const time = { shift_ms: 0, now: () => new Date(Date.now() + time.shift_ms) };
const api = startApi({ RATE_LIMITS: 'false', STATEMENT_TIMEOUT_SECONDS: '30' }, { clock: time });
const replica = startReplica(api, {}, { clock: time });
const strict = [startReplica(api, { refresh_reuse_seconds: 0 }), startReplica(api, { refresh_reuse_seconds: 0 })];

beforeEach(() => {
  time.shift_ms = 0;
});

interface Pair {
  access_token: string;
  refresh_token: string;
}
type Instance = Pick<typeof replica, 'request'>;

const refresh = (refresh_token: unknown, instance: Instance = api) =>
  instance.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const grant = (refresh_token: string, instance: Instance = api) =>
  instance.request(tokenForm({ grant_type: 'refresh_token', refresh_token }));
const me = (token: string, instance: Instance = api) => instance.request({ url: '/auth/me', token });
const logout = (token: string, instance: Instance = api) =>
  instance.request({ method: 'POST', url: '/auth/logout', token });
const sidOf = (pair: Pair): string => String(claimsOf(pair.access_token).sid);
const rowOf = async (pair: Pair) => (await api.sql('select * from sessions where id = $1', [sidOf(pair)]))[0];
const counterOf = async (pair: Pair) => (await rowOf(pair))?.counter;
/** Lets time pass for one session, as its row sees it. */
const age = (pair: Pair, interval: string) =>
  api.sql(
    `update sessions set created_at = created_at - $2::interval, refreshed_at = refreshed_at - $2::interval,
       expires_at = expires_at - $2::interval where id = $1`,
    [sidOf(pair), interval],
  );
const eventsOf = async (user: TestUser) =>
  (
    await api.sql<{ event: string }>(
      `select event from audit_events where subject_id = $1 and event not in ('user.registered', 'session.started') order by id`,
      [user.id],
    )
  ).map(({ event }) => event);

/** Neither kind of token passes anywhere any more. */
async function expectDead(...pairs: Pair[]): Promise<void> {
  for (const instance of [api, replica])
    for (const { access_token, refresh_token } of pairs) {
      expect((await me(access_token, instance)).json().code).toBe('session_ended');
      expect((await refresh(refresh_token, instance)).json().code).toBe('session_ended');
    }
}

/** Twenty requests stand before the session's row, ten of each instance, before the first of them may touch it. */
async function race(pair: Pair, instances: readonly Instance[]) {
  const row = await holdRows(api, 'select 1 from sessions where id = $1', [sidOf(pair)]);
  const racers = Array.from({ length: 20 }, (_, n) =>
    (n % 4 < 2 ? refresh : grant)(pair.refresh_token, instances[n % 2]),
  );
  await row.awaitedBy(20);
  await row.release();
  return Promise.all(racers);
}

describe('racers with one refresh token on two instances', () => {
  it('all get the same successor, twenty at once, and the session goes on', async () => {
    const user = await api.user();
    const answers = await race(user, [api, replica]);
    expect(statuses(answers)).toEqual({ 200: 20 });
    const pairs = answers.map((answer) => answer.json<Pair>());
    const successors = [...new Set(pairs.map(({ refresh_token }) => refresh_token))];
    expect(successors).toHaveLength(1);
    for (const { access_token } of pairs) expect((await me(access_token, replica)).statusCode).toBe(200);
    expect(await api.sql('select id, counter from sessions where user_id = $1', [user.id])).toEqual([
      { id: sidOf(user), counter: 1 },
    ]);
    expect(claimsOf((await refresh(successors[0])).json().refresh_token).ctr).toBe(2);
  });

  it('have exactly one winner where REFRESH_REUSE_SECONDS is 0, and the session ends', async () => {
    const user = await api.user();
    const answers = await race(user, strict);
    expect(statuses(answers)).toEqual({ 200: 1, 401: 19 });
    const codes = answers.filter(({ statusCode }) => statusCode === 401).map((answer) => answer.json().code);
    expect(codes).toContain('refresh_token_reused');
    // Who looks after the first loser has ended it finds no session.
    expect(codes.filter((code) => code !== 'refresh_token_reused' && code !== 'session_ended')).toEqual([]);
    await expectDead(user, ...answers.filter(({ statusCode }) => statusCode === 200).map((answer) => answer.json()));
    expect(await eventsOf(user)).toEqual(['session.refresh_token_reused']);
  });

  it('leave as many rows as before, however often they refresh', async () => {
    const user = await api.user();
    const sizes = () =>
      api.sql(`select (select count(*) from sessions) sessions, (select count(*) from audit_events) events,
        (select count(*) from rate_limits) counters`);
    const before = await sizes();
    let pair: Pair = user;
    for (let n = 0; n < 30; n++) {
      const answers = await Promise.all([refresh(pair.refresh_token), refresh(pair.refresh_token, replica)]);
      expect(statuses(answers)).toEqual({ 200: 2 });
      pair = answers[0].json();
    }
    expect(await sizes()).toEqual(before);
    expect(await counterOf(pair)).toBe(30);
  });
});

describe('a rotated token', () => {
  it('that returns after the grace at the other instance ends the whole family', async () => {
    const user = await api.user();
    const second: Pair = (await refresh(user.refresh_token)).json();
    const third: Pair = (await refresh(second.refresh_token, replica)).json();
    await age(user, '10 seconds');
    const replay = await refresh(second.refresh_token);
    expect([replay.statusCode, replay.json().code]).toEqual([401, 'refresh_token_reused']);
    await expectDead(user, second, third);
    expect(await eventsOf(user)).toEqual(['session.refresh_token_reused']);
  });

  it('from the beginning of a chain of four ends the newest, within the grace too', async () => {
    const user = await api.user();
    const chain: Pair[] = [user];
    for (let n = 0; n < 4; n++) chain.push((await refresh(chain.at(-1)?.refresh_token, n % 2 ? api : replica)).json());
    expect((await refresh(user.refresh_token, replica)).json().code).toBe('refresh_token_reused');
    await expectDead(...chain);
  });

  it('ends its own session only', async () => {
    const user = await api.user();
    const other = await startSession(api, user.id);
    await refresh(user.refresh_token);
    await age(user, '11 seconds');
    expect((await refresh(user.refresh_token)).json().code).toBe('refresh_token_reused');
    expect((await me(other.access_token)).statusCode).toBe(200);
    expect((await refresh(other.refresh_token)).statusCode).toBe(200);
  });

  it.each([
    ['has moved back since', [api], `now() + interval '1 hour'`],
    ['has moved back a little and no reuse is allowed', strict, `now() + interval '50 milliseconds'`],
  ])('gets no successor where the database’s clock %s', async (_what, [instance], refreshed_at) => {
    const user = await api.user();
    const next: Pair = (await refresh(user.refresh_token)).json();
    await api.sql(`update sessions set refreshed_at = ${refreshed_at} where id = $1`, [sidOf(user)]);
    expect((await refresh(user.refresh_token, instance)).json().code).toBe('refresh_token_reused');
    await expectDead(next);
  });

  it('leaves a trail in the log without the token', async () => {
    const user = await api.user();
    const next: Pair = (await refresh(user.refresh_token)).json();
    await age(user, '11 seconds');
    const from = api.logs.length;
    await api.request({
      method: 'POST',
      url: '/auth/refresh',
      remoteAddress: '198.51.100.7',
      payload: { refresh_token: user.refresh_token },
    });
    const lines = api.logs.slice(from);
    expect(lines.find(({ event }) => event === 'session.refresh_token_reused')).toMatchObject({
      level: 40,
      session_id: sidOf(user),
      user_id: user.id,
      ip: '198.51.100.7',
    });
    for (const token of [user.refresh_token, user.access_token, next.refresh_token])
      expect(JSON.stringify(lines)).not.toContain(token.split('.')[2]);
  });

  it('of a row that was restored from a backup is the valid one again, and the lost successor ends nothing', async () => {
    const user = await api.user();
    const lost: Pair = (await refresh(user.refresh_token)).json();
    await api.sql('update sessions set counter = counter - 1 where id = $1', [sidOf(user)]);
    expect((await refresh(lost.refresh_token)).json().code).toBe('token_invalid');
    expect((await refresh(user.refresh_token)).statusCode).toBe(200);
  });
});

describe('a client that goes away after its refresh was stored', () => {
  it('repeats it at the other instance and stays in its one session', async () => {
    const user = await api.user();
    const body = JSON.stringify({ refresh_token: user.refresh_token });
    const socket = connect(await api.listen(), '127.0.0.1').pause();
    socket.write(
      `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    while ((await counterOf(user)) !== 1) await sleep(1);
    socket.resetAndDestroy();
    const repeated = await refresh(user.refresh_token, replica);
    expect(claimsOf(repeated.json().refresh_token)).toMatchObject({ sid: sidOf(user), ctr: 1 });
    expect((await refresh(repeated.json().refresh_token)).statusCode).toBe(200);
    expect(await api.sql('select counter from sessions where user_id = $1', [user.id])).toEqual([{ counter: 2 }]);
  });
});

describe('the life of a session', () => {
  it('ends a second after its absolute end, refreshed daily or not', async () => {
    let pair: Pair = await api.user();
    for (let day = 1; day < 30; day++) {
      await age(pair, '1 day');
      const answer = await refresh(pair.refresh_token, day % 2 ? api : replica);
      expect([day, answer.statusCode]).toEqual([day, 200]);
      pair = answer.json();
      const { expires_at } = (await rowOf(pair)) as { expires_at: Date };
      expect(Number(claimsOf(pair.refresh_token).exp)).toBeLessThanOrEqual(expires_at.getTime() / 1000);
    }
    await age(pair, '1 day 1 second');
    await expectDead(pair);
  });

  it('ends a second after a refresh token’s own, and not before', async () => {
    const user = await api.user();
    const life_ms = 7 * DAY_MS;
    time.shift_ms = life_ms - 30_000;
    expect((await refresh(user.refresh_token)).statusCode).toBe(200);
    const other = await startSession(api, user.id);
    time.shift_ms = life_ms + 1000;
    const late = await refresh(other.refresh_token, replica);
    expect([late.statusCode, late.json().code]).toEqual([401, 'token_expired']);
    expect(await counterOf(other)).toBe(0);
  });

  it('survives a clock that moves back by half a minute', async () => {
    const user = await api.user();
    time.shift_ms = -30_000;
    expect((await me(user.access_token)).statusCode).toBe(200);
    const next = await refresh(user.refresh_token, replica);
    expect(next.statusCode).toBe(200);
    time.shift_ms = 0;
    expect((await me(next.json().access_token)).statusCode).toBe(200);
    expect((await refresh(next.json().refresh_token)).statusCode).toBe(200);
  });

  it('is only put off by one that moves back by more', async () => {
    const user = await api.user();
    time.shift_ms = -120_000;
    expect((await refresh(user.refresh_token)).json().code).toBe('token_invalid');
    expect(await counterOf(user)).toBe(0);
    time.shift_ms = 0;
    expect((await refresh(user.refresh_token)).statusCode).toBe(200);
  });

  it('gives tokens that differ within one second', async () => {
    const frozen = new Date();
    const { now } = time;
    time.now = () => frozen;
    try {
      const user = await api.user();
      const pairs: Pair[] = [user, await startSession(api, user.id), await startSession(api, user.id)];
      for (let n = 0; n < 4; n++) pairs.push((await refresh(pairs.at(-1)?.refresh_token)).json());
      const tokens = pairs.flatMap(({ access_token, refresh_token }) => [access_token, refresh_token]);
      expect(new Set(tokens).size).toBe(tokens.length);
      expect(new Set(pairs.map(({ access_token }) => claimsOf(access_token).iat)).size).toBe(1);
    } finally {
      time.now = now;
    }
  });
});

describe('a refresh token that is not ours to the letter', () => {
  const variants = (token: string): Record<string, string> => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = claimsOf(token);
    const coded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return {
      'without its last letter': token.slice(0, -1),
      'cut in half': token.slice(0, token.length / 2),
      'with a letter more': `${token}A`,
      'with padding': `${token}=`,
      twice: token + token,
      'in upper case': token.toUpperCase(),
      'with its cases swapped': token.replace(/[a-z]/gi, (a) => (a < 'a' ? a.toLowerCase() : a.toUpperCase())),
      'percent-encoded': token.replaceAll('.', '%2E'),
      'after a blank': ` ${token}`,
      'before a blank': `${token} `,
      'before a line feed': `${token}\n`,
      'with a zero-width space': `${token}\u200b`,
      'as a bearer': `Bearer ${token}`,
      'in quotes': `"${token}"`,
      'with the next counter': `${header}.${coded({ ...claims, ctr: 1 })}.${signature}`,
      'with the same claims in another order': `${header}.${coded(Object.fromEntries(Object.entries(claims).reverse()))}.${signature}`,
      'with bits in its last letter that mean nothing': token.slice(0, -1) + neighbour(token.at(-1) ?? ''),
      'without a signature': `${header}.${payload}.`,
    };
  };

  /** The letter of base64url whose last bit differs: a decoder drops it at the end of 32 bytes. */
  const neighbour = (letter: string): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return alphabet[alphabet.indexOf(letter) ^ 1] ?? '';
  };

  it('is token_invalid in every variant, and moves nothing', async () => {
    const user = await api.user();
    const before = await rowOf(user);
    for (const [what, token] of Object.entries(variants(user.refresh_token))) {
      const answer = await refresh(token);
      expect([what, answer.statusCode, answer.json().code]).toEqual([what, 401, 'token_invalid']);
    }
    expect(await rowOf(user)).toEqual(before);
    expect((await refresh(user.refresh_token)).statusCode).toBe(200);
  });

  it.each<[string, string]>([
    ['null', 'null'],
    ['a number', '1'],
    ['true', 'true'],
    ['a list', '[]'],
    ['a list of one', '["x"]'],
    ['an object', '{"$ne":null}'],
    ['nothing', '""'],
    ['ten kilobytes', `"${'a'.repeat(10_000)}"`],
    ['NUL', '"\\u0000"'],
    ['half a character', '"\\ud800"'],
  ])('is validation_failed as %s', async (_what, json) => {
    const answer = await api.request({
      method: 'POST',
      url: '/auth/refresh',
      headers: { 'content-type': 'application/json' },
      payload: `{"refresh_token":${json}}`,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'validation_failed']);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('counts for nobody but the one it names, whoever brings it', async () => {
    const [ann, bob] = [await api.user(), await api.user()];
    const before = await rowOf(ann);
    const payload = { refresh_token: bob.refresh_token };
    const brought = await api.request({ method: 'POST', url: '/auth/refresh', token: ann.access_token, payload });
    expect(claimsOf(brought.json().access_token)).toMatchObject({ sub: bob.id, sid: sidOf(bob) });
    expect(await rowOf(ann)).toEqual(before);
    const issued_at = new Date();
    const expires_at = new Date(issued_at.getTime() + DAY_MS);
    const crossed = { user_id: ann.id, session_id: sidOf(bob), counter: 1, issued_at, expires_at };
    expect((await refresh(api.app.ctx.tokens.signRefresh(crossed))).json().code).toBe('session_ended');
    expect(await counterOf(bob)).toBe(1);
  });

  it('is not to be had from the database', async () => {
    const user = await api.user();
    const next: Pair = (await refresh(user.refresh_token)).json();
    const tables = await api.sql<{ name: string }>(
      `select format('%I', tablename) name from pg_tables where schemaname = 'public'`,
    );
    let dump = '';
    for (const { name } of tables) dump += JSON.stringify(await api.sql(`select * from ${name}`));
    expect(dump).toContain(sidOf(user));
    for (const token of [user.access_token, user.refresh_token, next.access_token, next.refresh_token])
      for (const part of token.split('.').slice(1)) expect(dump).not.toContain(part);
    const values = Object.values((await rowOf(user)) ?? {}).map(String);
    for (const value of values) expect((await refresh(value)).json().code).toBe('token_invalid');
  });
});

describe('a token whose owner is gone', () => {
  it.each([
    ['a deleted user', 'delete from users where id = $1', 401, 'session_ended'],
    ['a deleted session', 'delete from sessions where user_id = $1', 401, 'session_ended'],
    [
      'a user who was disabled behind our back',
      'update users set is_active = false where id = $1',
      403,
      'account_disabled',
    ],
  ])('is refused and changes nothing: that of %s', async (_what, change, status, code) => {
    const user = await api.user();
    await api.sql(change, [user.id]);
    const before = await rowOf(user);
    for (const answer of [
      await refresh(user.refresh_token, replica),
      await grant(user.refresh_token),
      await me(user.access_token, replica),
    ])
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(await rowOf(user)).toEqual(before);
  });
});

describe('a refresh that fails inside the database', () => {
  it.each([
    ['before the row is changed', 'before update', ''],
    ['after the row is changed', 'after update', ''],
    ['at the commit', 'after update', 'deferrable initially deferred'],
  ])('%s leaves the old token valid', async (_what, when, deferred) => {
    const user = await api.user();
    const before = await rowOf(user);
    await api.sql(`create or replace function fail() returns trigger language plpgsql as
      $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$`);
    await api.sql(
      `create ${deferred && 'constraint'} trigger fail ${when} on sessions ${deferred} for each row execute function fail()`,
    );
    try {
      const answer = await refresh(user.refresh_token);
      expect([answer.statusCode, answer.json().code]).toEqual([503, 'service_unavailable']);
      expect(answer.body).not.toContain('disk');
    } finally {
      await api.sql('drop trigger fail on sessions');
    }
    expect(await rowOf(user)).toEqual(before);
    expect(claimsOf((await refresh(user.refresh_token, replica)).json().refresh_token).ctr).toBe(1);
  });

  it('whose connection is cut while it waits moves the counter once at most', async () => {
    const user = await api.user();
    const row = await holdRows(api, 'select 1 from sessions where id = $1', [sidOf(user)]);
    const refreshing = refresh(user.refresh_token);
    await row.awaitedBy(1);
    await api.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    await row.release();
    expect([200, 503]).toContain((await refreshing).statusCode);
    const again = await refresh(user.refresh_token, replica);
    expect(claimsOf(again.json().refresh_token).ctr).toBe(1);
    expect(await counterOf(user)).toBe(1);
  });
});

describe('the end of a session', () => {
  it('is the same twice, from either instance, and written down once', async () => {
    const user = await api.user();
    const next: Pair = (await refresh(user.refresh_token)).json();
    const first = await logout(user.access_token);
    expect([first.statusCode, first.headers['cache-control']]).toEqual([204, 'no-store']);
    for (const token of [user.access_token, next.access_token])
      expect((await logout(token, replica)).json().code).toBe('session_ended');
    await expectDead(user, next);
    expect(await eventsOf(user)).toEqual(['session.ended']);
  });

  it('of ten at once is written down once', async () => {
    const user = await api.user();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => logout(user.access_token, n % 2 ? api : replica)),
    );
    expect(Object.keys(statuses(answers)).filter((status) => status !== '204' && status !== '401')).toEqual([]);
    expect(statuses(answers)[204]).toBeGreaterThanOrEqual(1);
    expect(await eventsOf(user)).toEqual(['session.ended']);
    await expectDead(user);
  });

  it('for all others can be asked for twice', async () => {
    const user = await api.user();
    const others = [await startSession(api, user.id), await startSession(api, user.id)];
    for (let n = 0; n < 2; n++) {
      const answer = await ask(n ? api.app : replica.app, {
        method: 'DELETE',
        url: '/auth/sessions',
        token: user.access_token,
      });
      expect(answer.statusCode).toBe(204);
    }
    await expectDead(...others);
    expect(await eventsOf(user)).toEqual(['sessions.ended']);
    expect((await refresh(user.refresh_token)).statusCode).toBe(200);
  });

  it('leaves nothing in a cache', async () => {
    const user = await api.user();
    const answers = [await refresh(user.refresh_token), await refresh('x.y.z'), await me('x'), await grant('x.y.z')];
    for (const { headers } of answers) expect(headers['cache-control']).toBe('no-store');
  });
});
