import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { startApi } from '../helpers/api.ts';

const PROXY = '10.0.0.5';
const api = startApi({ LIMIT_LOGIN_FAILURES_PER_IP: '3/5m' });
let behindProxy: FastifyInstance;

beforeAll(async () => {
  const config = { ...api.config, trusted_proxies: ['10.0.0.0/8', '2001:db8:ffff::/48'] };
  behindProxy = await buildApp(config, { log: api.app.log });
});
afterAll(() => behindProxy.close());
beforeEach(() => api.sql('delete from rate_limits'));

interface From {
  peer: string;
  forwarded?: string;
}

let serial = 0;
/** A failed login for a fresh address, so that only the network can be limited. */
const fail = async (app: FastifyInstance, { peer, forwarded }: From): Promise<number> => {
  const response = await app.inject({
    method: 'POST',
    url: '/auth/login',
    remoteAddress: peer,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    payload: { email: `nobody-${++serial}@example.com`, password: 'wrong horse battery staple' },
  });
  return response.statusCode;
};
const failFrom = async (app: FastifyInstance, places: From[]): Promise<number[]> => {
  const statuses: number[] = [];
  for (const place of places) statuses.push(await fail(app, place));
  return statuses;
};
const networks = async (): Promise<string[]> => {
  const rows = await api.sql<{ key: string }>(`select key from rate_limits where key like 'login-ip:%' order by key`);
  return rows.map(({ key }) => key.slice('login-ip:'.length));
};

describe('X-Forwarded-For', () => {
  it('changes nothing where no proxy is trusted, however it rotates (A13)', async () => {
    const places = [1, 2, 3, 4].map((n) => ({ peer: '192.0.2.1', forwarded: `198.51.100.${n}` }));
    expect(await failFrom(api.app, places)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['192.0.2.1']);
  });

  it('changes nothing where it comes from somebody who is no trusted proxy', async () => {
    const places = [1, 2, 3, 4].map((n) => ({ peer: '192.0.2.2', forwarded: `198.51.100.${n}` }));
    expect(await failFrom(behindProxy, places)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['192.0.2.2']);
  });

  it('names the client that the trusted proxy saw, whatever stands before it (A14)', async () => {
    const places = [1, 2, 3, 4].map((n) => ({ peer: PROXY, forwarded: `203.0.113.${n}, 198.51.100.9` }));
    expect(await failFrom(behindProxy, places)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['198.51.100.9']);
    expect(await fail(behindProxy, { peer: PROXY, forwarded: '198.51.100.10' })).toBe(401);
  });

  it('is read past every trusted proxy of a chain', async () => {
    await fail(behindProxy, { peer: PROXY, forwarded: '203.0.113.1, 198.51.100.9, 10.1.2.3' });
    expect(await networks()).toEqual(['198.51.100.9']);
  });

  it('counts for the proxy itself where it holds no address', async () => {
    const places = ['unknown', '_hidden', '198.51.100.9:443', "' or 1=1 --"].map((forwarded) => ({
      peer: PROXY,
      forwarded,
    }));
    expect(await failFrom(behindProxy, places)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual([PROXY]);
  });

  it('decides about the address that a session shows', async () => {
    const user = await api.user();
    const response = await behindProxy.inject({
      method: 'POST',
      url: '/auth/refresh',
      remoteAddress: PROXY,
      headers: { 'x-forwarded-for': '203.0.113.1, 198.51.100.9' },
      payload: { refresh_token: user.refresh_token },
    });
    expect(response.statusCode).toBe(200);
    expect(await api.sql('select ip from sessions where user_id = $1', [user.id])).toEqual([{ ip: '198.51.100.9' }]);
  });
});

describe('the network of a client', () => {
  it('is the /64 of its IPv6 address', async () => {
    const places = ['::1', ':abcd::2', ':1:2:3:4', ':ffff:ffff:ffff:ffff'].map((host) => ({
      peer: `2001:db8:1:2${host}`,
    }));
    expect(await failFrom(api.app, places)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['2001:db8:1:2::/64']);
    expect(await fail(api.app, { peer: '2001:db8:1:3::1' })).toBe(401);
  });

  it('is the IPv4 address, also where that is written as IPv6', async () => {
    const places = ['192.0.2.77', '::ffff:192.0.2.77', '::FFFF:192.0.2.77', '::ffff:c000:24d'];
    expect(
      await failFrom(
        api.app,
        places.map((peer) => ({ peer })),
      ),
    ).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['192.0.2.77']);
  });

  it('is read the same way behind a proxy', async () => {
    const places = ['2001:db8:9::1', '2001:DB8:9:0:0::2', '2001:0db8:0009::3', '2001:db8:9::4'];
    const seen = places.map((forwarded) => ({ peer: '2001:db8:ffff::1', forwarded }));
    expect(await failFrom(behindProxy, seen)).toEqual([401, 401, 401, 429]);
    expect(await networks()).toEqual(['2001:db8:9:0::/64']);
  });
});
