import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { Type } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app/app.ts';
import type { Auth } from '../../../src/app/fastify.d.ts';
import type { RateText } from '../../../src/app/utils/rates.ts';
import { startApi, type TestUser, testConfig } from '../../helpers/api.ts';
import { CLUBS_SQL } from '../../helpers/test-product/clubs.ts';
import { testProduct } from '../../helpers/test-product/routes.ts';

/** How often a handler of the routes below has run. */
const runs = { read: 0, post: 0 };

async function routes(app: FastifyInstance): Promise<void> {
  const response = { 200: Type.Object({ done: Type.Boolean() }, { title: 'Done' }) };
  const declared = (operationId: string, auth: Auth, limit: RateText) => ({
    config: { auth, limit },
    schema: { operationId, tags: ['Limits'], summary: 'Do it', response },
  });
  const read = async () => ({ done: ++runs.read > 0 });
  const post = async () => ({ done: ++runs.post > 0 });
  app.register(testProduct);
  app.get('/limited/public', declared('readForAnybody', 'public', '3/15m'), read);
  app.get('/limited/own', declared('readOwn', 'user', '2/1h'), read);
  app.post('/limited/own', declared('writeOwn', 'user', '1/30s'), post);
  app.get('/limited/admin', declared('readForAdmins', 'admin', '1/1h'), read);
}

const api = startApi({}, { routes });
let user: TestUser;
let stranger: TestUser;

beforeAll(async () => {
  await api.sql(CLUBS_SQL);
  [user, stranger] = [await api.user(), await api.user()];
});

const read = (url: string, { access_token }: TestUser) => api.request({ url, token: access_token });
const from = (remoteAddress: string) => api.request({ url: '/limited/public', remoteAddress });

function expectRefused(response: LightMyRequestResponse, policy: string, seconds: number): void {
  expect([response.statusCode, response.json().code]).toEqual([429, 'rate_limited']);
  const wait = Number(response.headers['retry-after']);
  expect(wait).toBeGreaterThan(seconds - 20);
  expect(wait).toBeLessThanOrEqual(seconds);
  expect(response.headers.ratelimit).toBe(`"${policy}";r=0;t=${wait}`);
}

describe('a route with a limit', () => {
  it('counts for each user, tells what is left, and refuses before the handler runs', async () => {
    const first = await read('/limited/own', user);
    expect([first.statusCode, first.headers['ratelimit-policy']]).toEqual([200, '"route-readOwn";q=2;w=3600']);
    expect(first.headers.ratelimit).toMatch(/^"route-readOwn";r=1;t=3(600|5\d\d)$/);
    expect((await read('/limited/own', user)).headers.ratelimit).toContain(';r=0;');
    const before = runs.read;
    expectRefused(await read('/limited/own', user), 'route-readOwn', 3600);
    expect(runs.read).toBe(before);
    expect((await read('/limited/own', stranger)).statusCode).toBe(200);
    expect(await api.sql(`select used from rate_limits where key = $1`, [`route-readOwn:${user.id}`])).toEqual([
      { used: 3 },
    ]);
  });

  it('admits exactly as many of many at once', async () => {
    const { access_token: token } = await api.user();
    const before = runs.read;
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.request({ url: '/limited/own', token })));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(2);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(18);
    expect(runs.read).toBe(before + 2);
  });

  it('counts a write beside the limit of the account’s writes', async () => {
    const post = () => api.request({ method: 'POST', url: '/limited/own', token: user.access_token });
    const first = await post();
    expect(first.headers['ratelimit-policy']).toBe('"writes";q=1000;w=300, "route-writeOwn";q=1;w=30');
    const refused = await post();
    expect([refused.statusCode, runs.post]).toEqual([429, 1]);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30);
  });

  it('counts for each network if it is public, with a token or without', async () => {
    for (let n = 0; n < 3; n++) expect((await from('198.51.100.7')).statusCode).toBe(200);
    expectRefused(await from('198.51.100.7'), 'route-readForAnybody', 900);
    const withToken = { url: '/limited/public', remoteAddress: '198.51.100.7', token: user.access_token };
    expect((await api.request(withToken)).statusCode).toBe(429);
    expect((await from('192.0.2.1')).statusCode).toBe(200);
    // Eight addresses' worth of the /24, of which one address has taken three.
    const others = await Promise.all(Array.from({ length: 30 }, (_, n) => from(`198.51.100.${n + 10}`)));
    expect(others.filter(({ statusCode }) => statusCode === 200)).toHaveLength(21);
  });

  it('counts no request that its guards refuse', async () => {
    for (let n = 0; n < 2; n++) expect((await read('/limited/admin', user)).statusCode).toBe(403);
    for (let n = 0; n < 2; n++) expect((await api.request({ url: '/limited/admin' })).statusCode).toBe(401);
    expect(await api.sql(`select key from rate_limits where key like 'route-readForAdmins%'`)).toEqual([]);
    const admin = await api.admin();
    expect((await read('/limited/admin', admin)).statusCode).toBe(200);
    expectRefused(await read('/limited/admin', admin), 'route-readForAdmins', 3600);
  });

  it('shares its count with the HEAD of the same path', async () => {
    const { access_token: token } = await api.user();
    for (let n = 0; n < 2; n++) {
      const { statusCode } = await api.request({ method: 'HEAD', url: '/limited/own', token });
      expect(statusCode).toBe(200);
    }
    expect((await api.request({ url: '/limited/own', token })).statusCode).toBe(429);
  });

  it('counts its refusals', async () => {
    const { body } = await api.request({ url: '/metrics' });
    expect(Number(/^rate_limit_refusals_total\{policy="route"\} (\d+)$/m.exec(body)?.[1])).toBeGreaterThan(10);
  });

  it('is not limited if limits are off', async () => {
    const unlimited = await buildApp({ ...api.config, rate_limits: false }, { log: api.app.log, routes });
    const token = `Bearer ${user.access_token}`;
    for (let n = 0; n < 3; n++) {
      const { statusCode } = await unlimited.inject({ url: '/limited/own', headers: { authorization: token } });
      expect(statusCode).toBe(200);
    }
    await unlimited.close();
  });

  it('refuses the members that a club gets beyond it, and adds none', async () => {
    const { access_token: token } = user;
    const made = await api.request({ method: 'POST', url: '/kit-clubs', token, payload: { name: 'Readers' } });
    const url = `/kit-clubs/${made.json().id}/members`;
    const add = ({ id }: TestUser) => api.request({ method: 'POST', url, token, payload: { user_id: id } });
    const answers: number[] = [];
    for (let n = 0; n < 50; n++) answers.push((await add(user)).statusCode);
    expect(new Set(answers)).toEqual(new Set([204]));
    expect((await add(stranger)).json().code).toBe('rate_limited');
    expect(await api.sql('select user_id from kit_members')).toEqual([{ user_id: user.id }]);
  });
});

describe('the document', () => {
  it('says who may call it how often, and has the refusal', async () => {
    const { paths } = (await api.request({ url: '/openapi.json' })).json();
    expect(paths['/limited/own'].get.description).toBe('One user may call it 2 times in 1 hour.');
    expect(paths['/limited/public'].get.description).toBe('One network may call it 3 times in 15 minutes.');
    expect(paths['/limited/own'].post.description).toBe('One user may call it once in 30 seconds.');
    expect(Object.keys(paths['/limited/public'].get.responses)).toContain('429');
    expect(Object.keys(paths['/limited/own'].get.responses)).toContain('429');
    expect(paths['/kit-books/{id}'].get.description).toBeUndefined();
  });
});

describe('a server whose route has a limit that cannot be counted', () => {
  const starts = (limit: string, operationId?: string): Promise<unknown> =>
    buildApp(testConfig('postgresql://nobody@127.0.0.1:1/none', { LOG_LEVEL: 'silent' }), {
      routes: async (app) => {
        const schema = operationId === undefined ? {} : { operationId };
        app.get('/limited', { config: { auth: 'public', limit: limit as RateText }, schema }, async () => ({}));
      },
    });

  it.each(['20', '20/1d', '0/1h', '20/48h', 'often', ''])('does not start for %j', async (limit) => {
    await expect(starts(limit, 'readIt')).rejects.toThrow(
      'GET /limited: config.limit must be a count and a time, at most a day, such as 10/15m',
    );
  });

  it('does not start without the name by which it counts', async () => {
    await expect(starts('20/1h')).rejects.toThrow('GET /limited has a limit and no operationId');
  });
});
