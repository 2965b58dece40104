import { ApiError, type Client, type ClientOptions, createClient, errorOf, type TokenStorage } from 'back-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { createWire, type Wire } from '../helpers/client-wire.ts';

/** How far the API's clock is ahead of the client's. */
let ahead_ms = 0;
const api = startApi({ RATE_LIMITS: 'false' }, { clock: { now: () => new Date(Date.now() + ahead_ms) } });
const HOUR_MS = 3_600_000;
const REFRESH = 'POST /auth/refresh';
let count = 0;

interface Opened {
  client: Client;
  wire: Wire;
  store: TokenStorage & { held: Map<string, string> };
  email: string;
  /** A further client with the same store, as after a restart. */
  again: (options?: Pick<ClientOptions, 'longestWait'>) => Client;
}

function storeOf(held = new Map<string, string>()): Opened['store'] {
  return {
    held,
    getItem: async (key) => held.get(key) ?? null,
    setItem: async (key, value) => void held.set(key, value),
    removeItem: async (key) => void held.delete(key),
  };
}

async function opened(): Promise<Opened> {
  const baseUrl = `http://127.0.0.1:${await api.listen()}`;
  const [wire, store, email] = [createWire(), storeOf(), `client-${++count}@example.com`];
  const again: Opened['again'] = (options) => createClient({ baseUrl, session: store, fetch: wire.fetch, ...options });
  const client = again();
  await client.auth.register({ email, password: PASSWORD });
  wire.sent.length = 0;
  return { client, wire, store, email, again };
}

async function counterOf(email: string): Promise<number | undefined> {
  const rows = await api.sql<{ counter: number }>(
    'select counter::int from sessions join users on users.id = user_id where email = $1',
    [email],
  );
  return rows[0]?.counter;
}

const refusalOf = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => expect.fail('accepted'),
    (error) => error,
  );
const unavailable = (seconds: number): Response =>
  Response.json({ code: 'service_unavailable' }, { status: 503, headers: { 'retry-after': String(seconds) } });

beforeEach(() => {
  ahead_ms = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a token that is about to expire', () => {
  it('is refreshed once for all requests of the same moment, before it expires', async () => {
    const { client, wire, email } = await opened();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS - 29_000 });
    const accounts = await Promise.all([1, 2, 3, 4, 5].map(() => client.auth.getAccount()));
    expect(accounts.map((account) => account.email)).toEqual(Array(5).fill(email));
    expect(wire.sent.filter((request) => request === REFRESH)).toEqual([REFRESH]);
    expect(await counterOf(email)).toBe(1);
  });

  it('is known by the duration that the API names: a clock of the machine that is wrong does no harm', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 365 * 24 * HOUR_MS });
    const { client, wire } = await opened();
    await client.auth.getAccount();
    expect(wire.sent).toEqual(['GET /auth/me']);
    // Set right by a time server, a year ahead: one refresh too many, and no more.
    vi.useRealTimers();
    await client.auth.getAccount();
    await client.auth.getAccount();
    expect(wire.sent.slice(1)).toEqual([REFRESH, 'GET /auth/me', 'GET /auth/me']);
  });

  it('that the API finds expired is refreshed, and its request is sent again once', async () => {
    const { client, wire, email } = await opened();
    ahead_ms = HOUR_MS;
    const [me, other] = await Promise.all([client.auth.updateAccount({ name: 'Ada' }), client.auth.getAccount()]);
    expect([me.name, other.email]).toEqual(['Ada', email]);
    expect(wire.sent.filter((request) => request === REFRESH)).toEqual([REFRESH]);
    expect(wire.sent.filter((request) => request === 'PATCH /auth/me')).toHaveLength(2);
    expect(await counterOf(email)).toBe(1);
  });
});

describe('an answer to a refresh that is lost', () => {
  it('is asked for again with the same token, and the session goes on', async () => {
    const { client, wire, email } = await opened();
    const tokens: unknown[] = [];
    wire.fate = (request, { body }) => {
      if (request !== REFRESH) return 'kept';
      tokens.push(JSON.parse(String(body)).refresh_token);
      return tokens.length < 3 ? 'lost' : 'kept';
    };
    ahead_ms = HOUR_MS;
    expect(await client.auth.getAccount()).toMatchObject({ email });
    expect([tokens.length, new Set(tokens).size, wire.mostRefreshes()]).toEqual([3, 1, 1]);
    expect(await counterOf(email)).toBe(1);
    ahead_ms = 2 * HOUR_MS;
    expect(await client.auth.getAccount()).toMatchObject({ email });
    expect(client.session.state).toBe('open');
  });

  it('for longer than the grace is a network_error, and the token is kept', async () => {
    const { client, wire, store, email, again } = await opened();
    const before = store.held.get('session');
    wire.fate = (request) => (request === REFRESH ? unavailable(60) : 'kept');
    ahead_ms = HOUR_MS;
    expect(await refusalOf(client.auth.getAccount())).toMatchObject({ code: 'service_unavailable', retryAfter: 60 });
    expect([store.held.get('session'), client.session.state]).toEqual([before, 'open']);
    wire.fate = () => 'kept';
    expect(await again().auth.getAccount()).toMatchObject({ email });
  });
});

describe('a request that nothing answers', () => {
  it('is sent again if it reads, and not if it writes', async () => {
    const { client, wire } = await opened();
    wire.fate = () => 'lost';
    expect(await refusalOf(client.auth.getAccount())).toMatchObject({ code: 'network_error', status: 0 });
    expect(wire.sent).toEqual(Array(3).fill('GET /auth/me'));
    wire.sent.length = 0;
    expect(await refusalOf(client.auth.updateAccount({ name: 'Ada' }))).toMatchObject({ code: 'network_error' });
    expect(wire.sent).toEqual(['PATCH /auth/me']);
    expect(client.session.state).toBe('open');
  });

  it('ends with the signal of the caller', async () => {
    const { client, wire } = await opened();
    wire.fate = () => 'lost';
    const call = client.auth.getAccount({ signal: AbortSignal.abort() });
    expect(await refusalOf(call)).toMatchObject({ name: 'AbortError' });
    expect(wire.sent).toEqual(['GET /auth/me']);
  });
});

describe('503 and 429', () => {
  it('of a read are tried again after Retry-After, unless that is long', async () => {
    const { client, wire, email } = await opened();
    const begun = performance.now();
    wire.fate = () => (wire.sent.length === 1 ? unavailable(1) : 'kept');
    expect(await client.auth.getAccount()).toMatchObject({ email });
    expect(performance.now() - begun).toBeGreaterThan(1000);
    wire.fate = () => unavailable(11);
    wire.sent.length = 0;
    expect(await refusalOf(client.auth.getAccount())).toMatchObject({ status: 503, retryAfter: 11 });
    expect(wire.sent).toHaveLength(1);
  });

  it('are waited for as long as the application says', async () => {
    const { wire, again } = await opened();
    wire.fate = (request) => (request === REFRESH ? 'kept' : unavailable(1));
    expect(await refusalOf(again({ longestWait: 0.5 }).auth.getAccount())).toMatchObject({
      status: 503,
      retryAfter: 1,
    });
    expect(wire.sent).toEqual([REFRESH, 'GET /auth/me']);
    // What names no time is asked again at once.
    wire.fate = (request) => (request === REFRESH ? 'kept' : unavailable(0));
    wire.sent.length = 0;
    await refusalOf(again({ longestWait: 0.5 }).auth.getAccount());
    expect(wire.sent).toEqual([REFRESH, ...Array(3).fill('GET /auth/me')]);
  });

  it('of a write: 429 was not carried out and is tried again, 503 is not; and neither is a login', async () => {
    const { client, wire, email } = await opened();
    const limited = (): Response =>
      Response.json({ code: 'rate_limited' }, { status: 429, headers: { 'retry-after': '0' } });
    wire.fate = () => (wire.sent.length === 1 ? limited() : 'kept');
    expect(await client.auth.updateAccount({ name: 'Grace' })).toMatchObject({ name: 'Grace' });
    for (const [answer, call] of [
      [unavailable(0), () => client.auth.updateAccount({ name: 'Ada' })],
      [limited(), () => client.auth.login({ email, password: PASSWORD })],
    ] as const) {
      wire.sent.length = 0;
      wire.fate = () => answer;
      await refusalOf(call());
      expect(wire.sent).toHaveLength(1);
    }
  });
});

describe('the client’s fetch', () => {
  const urlOf = async (path: string): Promise<string> => `http://127.0.0.1:${await api.listen()}${path}`;

  it('sends no token of the session with `credentials: omit`, and asks for none', async () => {
    const { client, wire, again } = await opened();
    const tokens: unknown[] = [];
    const fetch = wire.fetch;
    wire.fetch = (input, init) => {
      tokens.push(new Request(input, init).headers.get('authorization'));
      return fetch(input, init);
    };
    const url = await urlOf('/auth/me');
    for (const one of [client, again()]) {
      const answer = await one.fetch(url, { credentials: 'omit' });
      expect([answer.status, (await errorOf(answer)).code]).toEqual([401, 'not_authenticated']);
      const request = new Request(await urlOf('/somewhere/else'), { method: 'POST', credentials: 'omit' });
      expect((await one.fetch(request)).status).toBe(404);
    }
    expect(wire.sent).toEqual(Array(2).fill(['GET /auth/me', 'POST /somewhere/else']).flat());
    expect(client.session.state).toBe('open');
    expect((await client.fetch(url)).status).toBe(200);
  });

  it('repeats no write with `credentials: omit`, which may be one that counts failures', async () => {
    const { client, wire } = await opened();
    wire.fate = () => Response.json({}, { status: 429, headers: { 'retry-after': '0' } });
    const init = { method: 'POST', credentials: 'omit' } as const;
    expect((await client.fetch(await urlOf('/somewhere/else'), init)).status).toBe(429);
    expect(wire.sent).toEqual(['POST /somewhere/else']);
  });

  it('answers a refusal, whose error `errorOf` reads, as the methods throw it', async () => {
    const { client, wire } = await opened();
    const answer = await client.fetch(await urlOf('/auth/me'), {
      ...{ method: 'PATCH', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: '' }),
    });
    const error = await errorOf(answer);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'validation_failed', status: 422, fields: { name: expect.any(String) } });
    expect(await answer.json()).toEqual(error.problem);
    wire.fate = () => new Response('<h1>Away</h1>', { status: 500 });
    expect(await errorOf(await client.fetch(await urlOf('/auth/me')))).toMatchObject({ code: 'unexpected_answer' });
  });
});

describe('the session', () => {
  it('goes on after a restart from the store, and is unknown until it is asked for', async () => {
    const { again, email } = await opened();
    const restarted = again();
    expect(restarted.session.state).toBe('unknown');
    expect(await restarted.session.restore()).toBe(true);
    expect([restarted.session.state, (await restarted.auth.getAccount()).email]).toEqual(['open', email]);
  });

  it('that was ended elsewhere is told once, with the API’s code, and the store is emptied', async () => {
    const { client, store, email } = await opened();
    const states: string[] = [];
    client.session.subscribe((state) => states.push(state));
    await api.sql('delete from sessions where user_id = (select id from users where email = $1)', [email]);
    const errors = await Promise.all([1, 2].map(() => refusalOf(client.auth.getAccount())));
    expect(errors[0]).toBeInstanceOf(ApiError);
    expect(errors[0]).toMatchObject({ code: 'session_ended', status: 401, request_id: expect.any(String) });
    expect([states, client.session.endedBy, store.held.size]).toEqual([['ended'], 'session_ended', 0]);
    expect(await client.session.restore()).toBe(false);
  });

  it('stays if the answer comes from something before the API', async () => {
    const { client, wire, store } = await opened();
    ahead_ms = HOUR_MS;
    wire.fate = (request) =>
      request === REFRESH ? new Response('<h1>Log in to the proxy</h1>', { status: 401 }) : 'kept';
    expect(await refusalOf(client.auth.getAccount())).toMatchObject({ code: 'unexpected_answer', status: 401 });
    expect([client.session.state, store.held.size]).toEqual(['open', 1]);
  });

  it('stays if a password is wrong, and the fields of a form have their messages', async () => {
    const { client } = await opened();
    expect(await refusalOf(client.auth.deleteAccount({ password: 'not the password' }))).toMatchObject({
      code: 'invalid_credentials',
    });
    const { fields } = await refusalOf(client.auth.updateAccount({ name: '' }));
    expect(fields).toEqual({ name: expect.any(String) });
    expect(client.session.state).toBe('open');
  });

  it('ends by a logout, with an expired token too, and a second logout is no error', async () => {
    const { client, store, email } = await opened();
    ahead_ms = HOUR_MS;
    await client.auth.logout();
    expect([client.session.endedBy, store.held.size, await counterOf(email)]).toEqual(['logout', 0, undefined]);
    await client.auth.logout();
    expect(await refusalOf(client.auth.getAccount())).toMatchObject({ code: 'not_authenticated', status: 401 });
  });

  it('of a newer login is not touched by an older refresh', async () => {
    const { client, email } = await opened();
    const other = await api.user();
    ahead_ms = HOUR_MS;
    const [, , me] = await Promise.all([
      client.auth.getAccount(),
      client.auth.login({ email: other.email, password: PASSWORD }),
      client.session.token().then(() => client.auth.getAccount()),
    ]);
    expect([email, other.email]).toContain(me.email);
    expect(await client.auth.getAccount()).toMatchObject({ email: other.email });
  });
});
