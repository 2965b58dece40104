import { beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD } from '../../../helpers/api.ts';
import { startSession } from '../../../helpers/replicas.ts';
import { casesOf } from '../../../helpers/short-form.ts';
import { startWithNotes } from '../../../helpers/test-product.ts';

const api = startWithNotes({
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '4/15m',
  LIMIT_LOGIN_FAILURES_PER_IP: '7/5m',
  LIMIT_LOGIN_FAILURES_IN_A_ROW: '10',
  LIMIT_REFRESHES_PER_IP: '3/5m',
  LIMIT_REGISTRATIONS_PER_IP: '5/5m',
  LIMIT_WRITES_PER_ACCOUNT: '3/5m',
});

const WRONG = 'wrong horse battery staple';

beforeEach(async () => {
  await api.sql('delete from rate_limits');
  await api.sql('delete from login_failures');
});

const login = (email: string, password: string, remoteAddress = '127.0.0.1') =>
  api.request({ method: 'POST', url: '/auth/login', remoteAddress, payload: { email, password } });
/** An address of a network where no user of these tests was before. */
const STRANGER = '203.0.113.9';
const failTimes = async (email: string, n: number): Promise<void> => {
  for (let i = 0; i < n; i++) expect((await login(email, WRONG)).statusCode).toBe(401);
};
/** Lets so much time pass for every counter. */
const advance = (seconds: number) =>
  api.sql(
    `update rate_limits set blocked_until = blocked_until - make_interval(secs => $1),
       expires_at = expires_at - make_interval(secs => $1), pending_until = pending_until - make_interval(secs => $1)`,
    [seconds],
  );
/** Keeps the failures of the account but starts the network's count again. */
const forgetNetworks = () => api.sql(`delete from rate_limits where key like 'login-ip:%'`);

describe('the limit of an account', () => {
  it('refuses the attempt after the last one, even with the right password, and says for how long', async () => {
    const user = await api.user();
    await failTimes(user.email, 4);
    const refused = await login(user.email, PASSWORD);
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(55);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });

  it('opens when the wait is over, exactly, and doubles it with the next failure', async () => {
    const user = await api.user();
    await failTimes(user.email, 4);
    await advance(58);
    expect((await login(user.email, PASSWORD)).headers['retry-after']).toBe('2');
    await advance(2);
    await failTimes(user.email, 1);
    const refused = await login(user.email, PASSWORD);
    expect(Math.abs(Number(refused.headers['retry-after']) - 119)).toBeLessThanOrEqual(1);
    await advance(120);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });

  it('begins anew after a right password', async () => {
    const user = await api.user();
    await failTimes(user.email, 3);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    await failTimes(user.email, 3);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });

  it('counts every spelling of an address as one', async () => {
    const user = await api.user({ email: 'spelling@example.com' });
    for (const email of ['SPELLING@example.com', ' spelling@example.com', 'spelling@EXAMPLE.com', user.email]) {
      expect((await login(email, WRONG)).statusCode).toBe(401);
    }
    expect((await login('Spelling@Example.Com', PASSWORD)).statusCode).toBe(429);
  });

  it('keeps none of the address in its counters', async () => {
    const user = await api.user({ email: 'private@example.com' });
    await failTimes(user.email, 1);
    const rows = await api.sql(`select key from rate_limits union all select account_key from login_failures`);
    // Of the account one; of each network its registration, the mail of it, and the failure.
    expect(rows.length).toBe(8);
    expect(JSON.stringify(rows)).not.toContain('private');
  });
});

describe('the limit of a network', () => {
  it('refuses one password tried on many accounts', async () => {
    const user = await api.user();
    for (let n = 0; n < 7; n++) expect((await login(`victim-${n}@example.com`, WRONG)).statusCode).toBe(401);
    const refused = await login(user.email, PASSWORD);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(290);
    await advance(300);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });

  it('is not lifted by a right password for an account of one’s own', async () => {
    const own = await api.user();
    for (let n = 0; n < 6; n++) expect((await login(`prey-${n}@example.com`, WRONG)).statusCode).toBe(401);
    expect((await login(own.email, PASSWORD)).statusCode).toBe(200);
    expect((await login('prey-6@example.com', WRONG)).statusCode).toBe(401);
    expect((await login('prey-7@example.com', WRONG)).statusCode).toBe(429);
  });

  const networks = [
    ['an IPv4 /24', (n: number) => `198.51.100.${n}`, 8],
    ['an IPv6 /56', (n: number) => `2001:db8:1:${(n % 200).toString(16)}::1`, 4],
    ['an IPv6 /48', (n: number) => `2001:db8:2:${(n * 256).toString(16)}::1`, 16],
  ] as const;
  it.each(casesOf(networks, 3))(
    'holds for %s with a greater number, however many addresses are used',
    async (_network, addressOf, factor) => {
      const statuses: number[] = [];
      for (let n = 0; n <= 7 * factor; n++)
        statuses.push((await login(`spread-${n}@example.com`, WRONG, addressOf(n))).statusCode);
      expect(statuses).toEqual([...Array.from({ length: 7 * factor }, () => 401), 429]);
      const refused = await login('spread@example.com', WRONG, addressOf(200));
      expect(refused.headers.ratelimit).toMatch(/^"login-ip\/\d\d";r=0;t=\d+$/);
      expect((await login('spread@example.com', WRONG, '2001:db8:3::1')).statusCode).toBe(401);
    },
  );

  it('gives a wider network only what the smaller one admits: one address cannot use it up', async () => {
    for (let n = 0; n < 40; n++) await login(`loud-${n}@example.com`, WRONG, '198.51.100.1');
    expect(await api.sql(`select used from rate_limits where key = 'login-ip/24:198.51.100.0/24'`)).toEqual([
      { used: 7 },
    ]);
    expect((await login('quiet@example.com', WRONG, '198.51.100.2')).statusCode).toBe(401);
  });

  it('counts right passwords never', async () => {
    const user = await api.user();
    for (let n = 0; n < 12; n++) expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });
});

describe('failures in a row', () => {
  const failInARow = async (email: string, remoteAddress: string): Promise<void> => {
    for (let n = 0; n < 10; n++) {
      await forgetNetworks();
      await advance(1000);
      expect((await login(email, WRONG, remoteAddress)).statusCode).toBe(401);
    }
    await forgetNetworks();
    await advance(10_000);
  };
  const lock = (email: string): Promise<void> => failInARow(email, STRANGER);
  const eventsOf = async (id: string): Promise<unknown[]> => {
    const rows = await api.sql('select event, details from audit_events where subject_id = $1 order by id', [id]);
    return rows.filter(({ event }) => /locked|session.ended/.test(event)).map(({ event, details }) => [event, details]);
  };

  it('lock an account for unknown devices, with the right password too', async () => {
    const user = await api.user();
    await lock(user.email);
    const refused = await login(user.email, PASSWORD, STRANGER);
    expect(refused.json()).toMatchObject({
      code: 'rate_limited',
      detail: 'Too many failed attempts in a row; log in from a device that was used before, or have the lock lifted',
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(86_000);
    expect(api.logs.map(({ event }) => event)).toContain('limits.account_locked');
    expect(await eventsOf(user.id)).toEqual([['user.locked', { known_device: false }]]);
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });

  it('by strangers do not lock out a device that had a session, whatever they do', async () => {
    const user = await api.user();
    await lock(user.email);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    expect((await login(user.email, PASSWORD, STRANGER)).statusCode).toBe(429);
  });

  it('of one who imitates a known device lock that device alone', async () => {
    const user = await api.user();
    await failInARow(user.email, '127.0.0.1');
    expect((await login(user.email, PASSWORD)).statusCode).toBe(429);
    expect((await login(user.email, PASSWORD, STRANGER)).statusCode).toBe(200);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(429);
    expect(await eventsOf(user.id)).toEqual([['user.locked', { known_device: true }]]);
  });

  it('leave one attempt a day, and only one at a time', async () => {
    const user = await api.user();
    await lock(user.email);
    await api.sql(`update login_failures set failed_at = failed_at - interval '1 day'`);
    const attempts = await Promise.all(Array.from({ length: 8 }, () => login(user.email, WRONG, STRANGER)));
    expect(attempts.filter(({ statusCode }) => statusCode === 401)).toHaveLength(1);
    expect((await login(user.email, PASSWORD, STRANGER)).statusCode).toBe(429);
    await api.sql(`update login_failures set failed_at = failed_at - interval '1 day'`);
    await advance(10_000);
    expect((await login(user.email, PASSWORD, STRANGER)).statusCode).toBe(200);
    expect(await api.sql('select 1 from login_failures')).toEqual([]);
  });

  it('are forgotten after thirty days without one', async () => {
    const user = await api.user();
    await lock(user.email);
    await api.sql(`update login_failures set failed_at = now() - interval '29 days'`);
    await api.app.ctx.limiter.cleanup();
    expect(await api.sql('select 1 from login_failures')).toHaveLength(1);
    await api.sql(`update login_failures set failed_at = now() - interval '31 days'`);
    await api.app.ctx.limiter.cleanup();
    expect(await api.sql('select 1 from login_failures')).toEqual([]);
  });

  it('end with a new password, on every device', async () => {
    const user = await api.user();
    await lock(user.email);
    await failInARow(user.email, '127.0.0.1');
    const new_password = 'another horse battery staple';
    const payload = { current_password: PASSWORD, new_password };
    const changed = await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload });
    expect(changed.statusCode).toBe(204);
    for (const address of ['127.0.0.1', STRANGER])
      expect((await login(user.email, new_password, address)).statusCode).toBe(200);
  });

  it('leave the sessions that are open alone', async () => {
    const user = await api.user();
    await lock(user.email);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    const refreshed = await api.request({
      method: 'POST',
      url: '/auth/refresh',
      payload: { refresh_token: user.refresh_token },
    });
    expect(refreshed.statusCode).toBe(200);
  });

  it('start again with a right password', async () => {
    const user = await api.user();
    await failTimes(user.email, 3);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    expect(await api.sql('select 1 from login_failures')).toEqual([]);
  });

  it('of an address without an account are forgotten when it gets one', async () => {
    await lock('later@example.com');
    expect((await login('later@example.com', PASSWORD, STRANGER)).statusCode).toBe(429);
    await api.user({ email: 'later@example.com' });
    expect((await login('later@example.com', PASSWORD, STRANGER)).statusCode).toBe(200);
  });

  it('are not forgotten by a registration that is refused', async () => {
    const user = await api.user();
    await lock(user.email);
    const again = { email: user.email, password: PASSWORD };
    expect((await api.request({ method: 'POST', url: '/auth/register', payload: again })).statusCode).toBe(409);
    expect((await login(user.email, PASSWORD, STRANGER)).statusCode).toBe(429);
  });

  it('inside a session end that session', async () => {
    const user = await api.user();
    const guess = () =>
      api.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload: { password: WRONG } });
    for (let n = 0; n < 10; n++) {
      await advance(1000);
      expect((await guess()).statusCode).toBe(401);
    }
    expect((await guess()).json()).toMatchObject({ code: 'session_ended' });
    expect(await eventsOf(user.id)).toMatchObject([['session.ended', {}]]);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });
});

describe('a known device', () => {
  const devices = (id: string) => api.sql('select device_key, seen_at from known_devices where user_id = $1', [id]);

  it('is written once a day, and holds no address', async () => {
    const user = await api.user();
    const first = await devices(user.id);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    expect(await devices(user.id)).toEqual(first);
    expect(first).toHaveLength(1);
    expect(JSON.stringify(first)).not.toContain('127.0.0');
  });

  it('is one of twenty at most, the newest', async () => {
    const user = await api.user();
    for (let n = 1; n <= 22; n++) {
      await api.sql(`update known_devices set seen_at = seen_at - interval '1 hour'`);
      expect((await login(user.email, PASSWORD, `10.77.${n}.1`)).statusCode).toBe(200);
    }
    expect(await devices(user.id)).toHaveLength(20);
    await failTimes(user.email, 4);
    expect((await login(user.email, PASSWORD, '10.77.22.1')).statusCode).toBe(200);
    expect((await login(user.email, PASSWORD, '10.77.1.1')).statusCode).toBe(429);
  });

  it('is unknown again after half a year', async () => {
    const user = await api.user();
    await api.sql(`update known_devices set seen_at = now() - interval '181 days'`);
    for (let n = 0; n < 4; n++) expect((await login(user.email, WRONG, STRANGER)).statusCode).toBe(401);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(429);
  });
});

describe('refreshes and registrations', () => {
  it('are counted for a network, and refused without effect', async () => {
    let { refresh_token } = await api.user();
    const refresh = () => api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
    for (const left of [2, 1, 0]) {
      const response = await refresh();
      expect(response.statusCode).toBe(200);
      expect(response.headers['ratelimit-policy']).toBe('"refresh-ip";q=3;w=300');
      expect(response.headers.ratelimit).toMatch(new RegExp(`^"refresh-ip";r=${left};t=(300|299)$`));
      refresh_token = response.json().refresh_token;
    }
    const before = await api.sql('select id, counter from sessions order by id');
    const refused = await refresh();
    expect(refused.statusCode).toBe(429);
    expect(refused.headers.ratelimit).toMatch(/^"refresh-ip";r=0;t=\d+$/);
    expect(await api.sql('select id, counter from sessions order by id')).toEqual(before);
  });

  it('of the same moment are admitted up to the limit of each network, and move no other session', async () => {
    const user = await api.user();
    await api.sql('delete from rate_limits');
    const asked = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const { refresh_token } = await startSession(api, user.id);
        return { remoteAddress: `198.51.100.${n % 10}`, payload: { refresh_token } };
      }),
    );
    const answers = await Promise.all(
      asked.map((request) => api.request({ method: 'POST', url: '/auth/refresh', ...request })),
    );
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    // Three of each address, and eight times three of them all.
    expect(statuses).toEqual([...Array(24).fill(200), ...Array(16).fill(429)]);
    const moves = 'select sum(counter)::integer, max(counter) from sessions where user_id = $1';
    expect(await api.sql(moves, [user.id])).toEqual([{ sum: 24, max: 1 }]);
    expect(await api.sql('select key, used from rate_limits where used <> 4')).toEqual([
      { key: 'refresh-ip/24:198.51.100.0/24', used: 30 },
    ]);
  });

  it('count in every network of an IPv6 address, and share statements with those of IPv4', async () => {
    const user = await api.user();
    await api.sql('delete from rate_limits');
    const answers = await Promise.all(
      ['2001:db8:1:2::1', '203.0.113.7', '2001:db8:1:2::9'].map(async (remoteAddress) => {
        const { refresh_token } = await startSession(api, user.id);
        return api.request({ method: 'POST', url: '/auth/refresh', remoteAddress, payload: { refresh_token } });
      }),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(await api.sql('select key, used from rate_limits order by key')).toEqual([
      { key: 'refresh-ip/24:203.0.113.0/24', used: 1 },
      { key: 'refresh-ip/48:2001:db8:1::/48', used: 2 },
      { key: 'refresh-ip/56:2001:db8:1:0::/56', used: 2 },
      { key: 'refresh-ip:2001:db8:1:2::/64', used: 2 },
      { key: 'refresh-ip:203.0.113.7', used: 1 },
    ]);
  });

  it('bring 429 after the last registration allowed', async () => {
    for (let n = 0; n < 5; n++) await api.user();
    const payload = { email: 'one-too-many@example.com', password: PASSWORD };
    const refused = await api.request({ method: 'POST', url: '/auth/register', payload });
    expect(refused.statusCode).toBe(429);
    expect(await api.sql('select 1 from users where email = $1', [payload.email])).toEqual([]);
  });
});

describe('the writes of an account', () => {
  const rename = (token: string, name: string) =>
    api.request({ method: 'PATCH', url: '/auth/me', token, payload: { name } });

  it('are counted on all routes together and refused without effect, for this account alone', async () => {
    const [user, other] = [await api.user(), await api.user()];
    expect((await rename(user.access_token, 'A')).headers.ratelimit).toMatch(/^"writes";r=2;t=(300|299)$/);
    const item = { method: 'POST', url: '/kit-notes', token: user.access_token, payload: { title: 'One' } } as const;
    expect((await api.request(item)).statusCode).toBe(201);
    expect((await rename(user.access_token, 'B')).statusCode).toBe(200);
    const written = () => api.sql('select (select count(*) from kit_notes), (select count(*) from audit_events)');
    const before = await written();
    for (const refused of [await rename(user.access_token, 'C'), await api.request(item)]) {
      expect(refused.json()).toMatchObject({ code: 'rate_limited' });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(290);
    }
    expect(await written()).toEqual(before);
    expect((await rename(other.access_token, 'A')).statusCode).toBe(200);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).json()).toMatchObject({ name: 'B' });
  });

  it('count for a living session alone, and for a role that its account has', async () => {
    const user = await api.user();
    const { access_token: token } = user;
    const used = () => api.sql(`select used from rate_limits where key like 'writes:%'`);
    await api.request({
      method: 'POST',
      url: '/users',
      token,
      payload: { email: 'x@example.com', password: PASSWORD },
    });
    await api.request({ method: 'POST', url: '/auth/logout', token });
    const refused = await rename(token, 'A');
    expect([refused.json().code, refused.headers.ratelimit]).toEqual(['session_ended', undefined]);
    expect(await used()).toEqual([]);
    const next = (await login(user.email, PASSWORD)).json().access_token;
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    expect((await rename(next, 'A')).json().code).toBe('account_disabled');
    expect(await used()).toEqual([]);
  });

  it('never keep a session or a password alive', async () => {
    const user = await api.user();
    for (const name of ['A', 'B', 'C', 'D']) await rename(user.access_token, name);
    const payload = { current_password: PASSWORD, new_password: 'another horse battery staple' };
    const { access_token: token } = user;
    expect((await api.request({ method: 'POST', url: '/auth/me/password', token, payload })).statusCode).toBe(204);
    expect((await api.request({ method: 'DELETE', url: '/auth/sessions', token })).statusCode).toBe(204);
    expect((await api.request({ method: 'POST', url: '/auth/logout', token })).statusCode).toBe(204);
  });
});

describe('the headers', () => {
  it('name the limits of a login, and what is left only where it says nothing of others', async () => {
    const user = await api.user();
    const policy = '"login-ip";q=7;w=300, "login-account";q=4;w=900';
    const right = await login(user.email, PASSWORD);
    const wrong = await login(user.email, WRONG);
    for (const { headers } of [right, wrong]) {
      expect(headers['ratelimit-policy']).toBe(policy);
      expect(headers.ratelimit).toBeUndefined();
    }
    await failTimes(user.email, 3);
    const refused = await login(user.email, PASSWORD);
    expect(refused.headers['ratelimit-policy']).toBe(policy);
    expect(refused.headers.ratelimit).toBe(`"login-account";r=0;t=${refused.headers['retry-after']}`);
  });

  it('stay away from routes without a limit', async () => {
    const user = await api.user();
    const { headers } = await api.request({ url: '/auth/me', token: user.access_token });
    expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });
});

describe('the log', () => {
  it('says once that a limit is reached, without the address', async () => {
    const user = await api.user({ email: 'logged@example.com' });
    api.logs.length = 0;
    await failTimes(user.email, 4);
    for (let n = 0; n < 3; n++) await login(user.email, WRONG);
    const reached = api.logs.filter(({ event }) => event === 'limits.reached');
    expect(reached).toHaveLength(1);
    expect(reached[0]).toMatchObject({ limit: 'login-account', failures: 4, ip: '127.0.0.1' });
    expect(JSON.stringify(api.logs)).not.toContain('logged@');
  });
});
