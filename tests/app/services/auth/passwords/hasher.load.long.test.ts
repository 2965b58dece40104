import { createConnection } from 'node:net';
import { availableParallelism, getPriority } from 'node:os';
import { describe, expect, it } from 'vitest';
import { workerThreads } from '../../../../../src/app/services/auth/passwords/worker-threads.ts';
import { PASSWORD, startApi } from '../../../../helpers/api.ts';
import { isFullForm } from '../../../../helpers/full-form.ts';
import { casesOf } from '../../../../helpers/short-form.ts';

const api = startApi({ BCRYPT_COST: '10' });

/** What an instance under a storm of logins may take for everything else: less than the hash of one password. */
const MEDIAN_MS = 50;
/** The longest time of a right login while others fill the queue. */
const LOGIN_MS = 1000;
const P99_MS = isFullForm ? 100 : 250;
/** A login that found no place for this time is told to come back. */
const MAX_WAIT_MS = 15_000;
/** On a busy machine the crowd needs a while until it waits. */
const CROWDED = { timeout: 30_000 };
/** Failures that may run at once: as many again if the database is too busy to count them, and the process does. */
const MAY_FAIL = isFullForm ? 10 : 20;

describe('while 150 logins wait', () => {
  const api = startApi({ TRUSTED_PROXIES: '127.0.0.1', BCRYPT_COST: isFullForm ? '12' : '10' });

  it('liveness and protected routes answer as ever (F36)', async () => {
    const user = await api.user();
    const base = `http://127.0.0.1:${await api.listen()}`;
    let answered = 0;
    // Each from an address of its own, for an account of its own: no limit but the hasher's queue stands between them.
    const storm = Array.from({ length: 150 }, async (_, n) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `10.2.0.${n}` };
      const body = JSON.stringify({ email: `storm-${n}@example.com`, password: PASSWORD });
      const response = await fetch(`${base}/auth/login`, { method: 'POST', headers, body });
      await response.text();
      answered++;
      return response.status;
    });
    await expect.poll(() => api.app.ctx.hasher.queue.waiting, CROWDED).toBeGreaterThan(100);
    const times: Record<string, number[]> = { '/health/live': [], '/auth/me': [] };
    while (answered < 140) {
      for (const [path, list] of Object.entries(times)) {
        const start = performance.now();
        const response = await fetch(base + path, { headers: { authorization: `Bearer ${user.access_token}` } });
        await response.text();
        expect(response.status).toBe(200);
        list.push(performance.now() - start);
      }
    }
    // On a busy machine the last ones have waited too long.
    for (const status of await Promise.all(storm)) expect([401, 503]).toContain(status);
    for (const list of Object.values(times)) {
      list.sort((a, b) => a - b);
      expect(list.length).toBeGreaterThan(20);
      expect(list[Math.floor(list.length / 2)]).toBeLessThan(MEDIAN_MS);
      expect(list[Math.floor(list.length * 0.99)]).toBeLessThan(P99_MS);
    }
  });
});

const underWay = () => [api.app.ctx.hasher.queue.running, api.app.ctx.hasher.queue.waiting];

describe('more logins than may wait', () => {
  const login = (n: number) =>
    api.request({
      method: 'POST',
      url: '/auth/login',
      remoteAddress: `10.1.${n >> 8}.${n & 255}`,
      payload: { email: `crowd-${n}@example.com`, password: PASSWORD },
    });

  it('are turned away at once with 503 and Retry-After, and the rest is served', async ({ skip }) => {
    // Beside other tests the wait for the database refuses some of them first.
    if (!isFullForm) skip('it takes a machine that runs nothing else: npm run test:faults -- --full');
    const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => login(n)));
    const away = answers.filter(({ statusCode }) => statusCode === 503);
    expect(api.app.ctx.metrics.password_hash_refusals_total.values.busy).toBeGreaterThanOrEqual(away.length);
    const served = answers.filter(({ statusCode }) => statusCode === 401);
    expect(away.length + served.length).toBe(300);
    expect(away.length).toBeGreaterThanOrEqual(300 - 256 - api.app.ctx.hasher.queue.running - 16);
    for (const { headers, body } of away) {
      expect(headers['retry-after']).toBe('5');
      expect(JSON.parse(body)).toMatchObject({ code: 'service_unavailable' });
    }
    expect(underWay()).toEqual([0, 0]);
    expect(await api.sql('select 1 from rate_limits where pending > 0')).toEqual([]);
  });

  it('from one network leave room for those from others', async () => {
    const user = await api.user();
    const crowd = Array.from({ length: 60 }, async () => {
      const start = performance.now();
      const { statusCode } = await api.request({
        method: 'POST',
        url: '/auth/login',
        remoteAddress: '10.9.9.9',
        payload: { email: user.email, password: PASSWORD },
      });
      return { statusCode, tookMs: performance.now() - start };
    });
    await expect.poll(() => api.app.ctx.hasher.queue.waiting, CROWDED).toBeGreaterThan(5);
    // No more than may fail; the others wait for a permit.
    expect(api.app.ctx.hasher.queue.waiting).toBeLessThanOrEqual(MAY_FAIL);
    const other = await api.request({
      method: 'POST',
      url: '/auth/login',
      remoteAddress: '10.8.8.8',
      payload: { email: 'other@example.com', password: PASSWORD },
    });
    expect(other.statusCode).toBe(401);
    const answers = await Promise.all(crowd);
    for (const { statusCode, tookMs } of answers) expect(statusCode).toBe(tookMs < MAX_WAIT_MS ? 200 : statusCode);
    for (const { statusCode } of answers) expect([200, 503]).toContain(statusCode);
    expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBeGreaterThanOrEqual(10);
  });

  it('whose clients hang up leave nothing behind', async () => {
    const port = await api.listen();
    const body = JSON.stringify({ email: 'gone@example.com', password: PASSWORD });
    const head = `POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    for (let n = 0; n < 20; n++) {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      socket.write(head + body, () => socket.destroy());
    }
    const counter = async () =>
      (await api.sql(`select used, pending from rate_limits where key = 'login-ip:127.0.0.1'`))[0];
    await expect.poll(counter, CROWDED).toEqual({ used: isFullForm ? 10 : expect.any(Number), pending: 0 });
    await expect.poll(underWay, CROWDED).toEqual([0, 0]);
  });
});

describe('300 registrations at once from one address', () => {
  const from = (remoteAddress: string, url: string, email: string) =>
    api.request({ method: 'POST', url, remoteAddress, payload: { email, password: PASSWORD } });

  const hashes = (): number =>
    api.app.ctx.metrics.password_hash_duration_seconds.buckets.reduce((sum, count) => sum + count, 0);

  const crowds = [
    ['new addresses', '10.4.4.4'],
    ['an address that is taken', '10.5.5.5'],
  ] as const;
  it.each(casesOf(crowds, 2))('of %s delay no login, neither from elsewhere nor from there', async (kind, crowded) => {
    const user = await api.user();
    const emailOf = (n: number): string => (kind === 'new addresses' ? `many-${n}@example.org` : user.email);
    const crowd = Array.from({ length: 300 }, (_, n) => from(crowded, '/auth/register', emailOf(n)));
    await expect.poll(() => api.app.ctx.hasher.queue.waiting, CROWDED).toBeGreaterThan(100);
    expect(api.app.ctx.hasher.queue.waiting).toBeLessThanOrEqual(128);
    for (const address of ['10.4.4.5', '10.4.4.6', crowded]) {
      const [start, before] = [performance.now(), hashes()];
      expect((await from(address, '/auth/login', user.email)).statusCode).toBe(200);
      // Its own hash, those that were running, and one new password between: so on a busy machine too.
      expect(hashes() - before).toBeLessThanOrEqual(2 * availableParallelism() + 3);
      if (isFullForm) expect(performance.now() - start).toBeLessThan(LOGIN_MS);
    }
    expect(api.app.ctx.hasher.queue.waiting).toBeGreaterThan(0);
    const refused = (await Promise.all(crowd)).filter(({ statusCode }) => statusCode === 503);
    expect(refused.length).toBeGreaterThan(100);
    for (const { headers } of refused) expect(headers['retry-after']).toBe('5');
  });
});

describe.skipIf(process.platform !== 'linux')('the threads that hash', () => {
  it('stand behind the event loop', async () => {
    await api.app.ctx.hasher.hash(PASSWORD);
    const threads = workerThreads();
    expect(threads.length).toBeGreaterThan(0);
    for (const thread of threads) expect(getPriority(thread)).toBe(Math.min(getPriority() + 10, 19));
  });
});
