import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { claimsOf, PASSWORD, startApi, type TestUser } from '../helpers/api.ts';

const MINUTE = 60_000;

/** One replica whose clock is right, and one whose clock a test sets wrong; both on one database, whose clock is right. */
const api = startApi({ RATE_LIMITS: 'false' });
let other: FastifyInstance;
let offset_ms = 0;

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + offset_ms) };
  other = await buildApp(api.config, { clock, log: api.app.log });
});
beforeEach(() => {
  offset_ms = 0;
});
afterAll(() => other?.close());

interface Pair {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

function me(app: FastifyInstance, token: string): Promise<LightMyRequestResponse> {
  return app.inject({ url: '/auth/me', headers: { authorization: `Bearer ${token}` } });
}

function refresh(app: FastifyInstance, refresh_token: string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
}

async function login(app: FastifyInstance, { email }: TestUser): Promise<Pair> {
  const response = await app.inject({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } });
  expect(response.statusCode).toBe(200);
  return response.json();
}

async function expectAlive({
  access_token,
  refresh_token,
}: Pick<Pair, 'access_token' | 'refresh_token'>): Promise<void> {
  expect((await me(api.app, access_token)).statusCode).toBe(200);
  expect((await refresh(api.app, refresh_token)).statusCode).toBe(200);
}

describe('replicas whose clocks are apart', () => {
  it.each([-45, -20, 20, 45])('by %i s take each other’s tokens, and refreshes go by the counter', async (seconds) => {
    offset_ms = seconds * 1000;
    const user = await api.user();
    expect((await me(other, user.access_token)).statusCode).toBe(200);
    let pair = await login(other, user);
    expect((await me(api.app, pair.access_token)).statusCode).toBe(200);
    const first = pair.refresh_token;
    for (const [index, app] of [api.app, other, api.app, other].entries()) {
      const response = await refresh(app, pair.refresh_token);
      expect(response.statusCode).toBe(200);
      pair = response.json();
      expect(claimsOf(pair.refresh_token).ctr).toBe(index + 1);
    }
    const reused = await refresh(other, first);
    expect([reused.statusCode, reused.json().code]).toEqual([401, 'refresh_token_reused']);
    expect((await me(api.app, pair.access_token)).statusCode).toBe(401);
  });

  it('by minutes: the one behind refuses tokens from its future, ends nothing, and the other one goes on', async () => {
    offset_ms = -2 * MINUTE;
    const user = await api.user();
    for (const refused of [await me(other, user.access_token), await refresh(other, user.refresh_token)])
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'token_invalid']);
    await expectAlive(user);
  });

  it('by hours: the one ahead takes tokens for expired, ends nothing, and the other one goes on', async () => {
    const user = await api.user();
    offset_ms = 2 * 60 * MINUTE;
    const refused = await me(other, user.access_token);
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'token_expired']);
    // The life of a session is the database's to tell: its refresh token is still good here.
    const response = await refresh(other, user.refresh_token);
    expect(response.statusCode).toBe(200);
    expect((await me(api.app, user.access_token)).statusCode).toBe(200);
    expect((await refresh(api.app, response.json().refresh_token)).statusCode).toBe(200);
  });
});

describe('a clock that jumps back an hour', () => {
  it('gives no token a negative life, and the tokens of before count again when it is right', async () => {
    const user = await api.user();
    const before = await login(other, user);
    offset_ms = -60 * MINUTE;
    expect((await me(other, before.access_token)).statusCode).toBe(401);
    const during = await login(other, user);
    const { iat, exp } = claimsOf(during.access_token) as { iat: number; exp: number };
    expect([during.expires_in, exp - iat]).toEqual([3600, 3600]);
    expect((await me(other, during.access_token)).statusCode).toBe(200);
    const refreshing = claimsOf(during.refresh_token) as { iat: number; exp: number };
    expect(refreshing.exp - refreshing.iat).toBeGreaterThan(0);
    offset_ms = 0;
    expect((await me(other, before.access_token)).statusCode).toBe(200);
    await expectAlive(before);
    const rows = await api.sql('select id from sessions where user_id = $1 and expires_at > now()', [user.id]);
    expect(rows).toHaveLength(3);
  });

  it('does not keep the limits from their shared store for that hour', async () => {
    offset_ms = 60 * MINUTE;
    const limited = await buildApp(
      { ...api.config, rate_limits: true },
      {
        clock: { now: () => new Date(Date.now() + offset_ms) },
        log: api.app.log,
      },
    );
    const register = (email: string): Promise<LightMyRequestResponse> =>
      limited.inject({ method: 'POST', url: '/auth/register', payload: { email, password: PASSWORD } });
    const counted = async (): Promise<number> => {
      const [row] = await api.sql<{ used: number }>(`select used from rate_limits where key like 'register-ip:%'`);
      return row?.used ?? 0;
    };
    await api.sql('alter table rate_limits rename to rate_limits_away');
    await register('while-away@example.com');
    await api.sql('alter table rate_limits_away rename to rate_limits');
    offset_ms = 0;
    expect((await register('after-the-jump@example.com')).statusCode).toBe(201);
    expect(await counted()).toBe(1);
    await limited.close();
  });
});
