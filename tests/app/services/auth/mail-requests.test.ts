import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD } from '../../../helpers/api.ts';
import { startReplica } from '../../../helpers/replicas.ts';
import { smtpError } from '../../../helpers/smtp.ts';

/** What the mail server answers for a mailbox; others exist. */
const answers = new Map<string, number>();
const { api, mailOf, mailsTo } = await startMailingApi(
  { LIMIT_MAILS_PER_MAILBOX: '2/1h' },
  {
    onRcptTo: ({ address }, _session, done) => {
      const code = answers.get(address);
      done(code === undefined ? undefined : smtpError(code, 'Not now, or never'));
    },
  },
);
/** The same with a small bucket for a network. */
const narrow = startReplica(api, { limit_mails_per_ip: { count: 3, window_seconds: 300 } });

const post = (url: string, payload: object) => api.request({ method: 'POST', url, payload });
const forgot = async (email: string) => (await post('/auth/forgot-password', { email })).statusCode;
/** As far as the limits of a minute know. */
const aMinutePasses = () => api.sql(`delete from rate_limits where key like 'mails-%' and key not like 'mails-ip%'`);

describe('the limit of a mailbox', () => {
  it('is one over all kinds, alike for known and unknown', async () => {
    for (const email of [(await api.user()).email, 'nobody-of-all@example.org']) {
      const answers = [];
      for (const url of ['/auth/forgot-password', '/auth/login-codes', '/auth/request-verify-token'])
        answers.push((await post(url, { email })).statusCode);
      expect(answers).toEqual([202, 202, 429]);
    }
  });

  it('is one of strangers and one of each known device: nobody keeps the owner from a mail', async () => {
    const user = await api.user();
    const ask = async (url: string, remoteAddress: string): Promise<number> =>
      (await api.request({ method: 'POST', url, payload: { email: user.email }, remoteAddress })).statusCode;
    // Of an address that is verified nothing is sent for the first one.
    await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
    expect(await ask('/auth/request-verify-token', '203.0.113.9')).toBe(202);
    expect(await ask('/auth/login-codes', '203.0.113.9')).toBe(202);
    for (const address of ['203.0.113.9', '198.51.100.9'])
      expect(await ask('/auth/forgot-password', address)).toBe(429);
    expect(await ask('/auth/forgot-password', '127.0.0.1')).toBe(202);
    await mailOf(user.email, 'reset_password');
    expect(await ask('/auth/forgot-password', '127.0.0.1')).toBe(429);
    await aMinutePasses();
    expect([await ask('/auth/login-codes', '127.0.0.1'), await ask('/auth/forgot-password', '127.0.0.1')]).toEqual([
      ...[202, 429],
    ]);
  });

  it('gets the place of a dead mail back, in the minute of its kind and over all kinds', async () => {
    const user = await api.user();
    await mailsTo(user.email);
    answers.set(user.email, 550);
    for (let time = 0; time < 4; time++) {
      expect(await forgot(user.email)).toBe(202);
      await mailsTo(user.email);
    }
    const dead = `select 1 from jobs where state = 'dead' and payload->>'to' = $1`;
    expect(await api.sql(dead, [user.email])).toHaveLength(4);
    answers.delete(user.email);
    for (const status of [202, 202, 429]) {
      expect(await forgot(user.email)).toBe(status);
      await aMinutePasses();
    }
  });

  it('keeps that of a mail that is tried again', async () => {
    const user = await api.user();
    answers.set(user.email, 451);
    expect(await forgot(user.email)).toBe(202);
    await mailsTo(user.email);
    expect(await forgot(user.email)).toBe(429);
    answers.delete(user.email);
  });

  it('keeps that of a notice and of the mail of an open registration, which took none', async () => {
    const user = await api.user();
    expect(await forgot(user.email)).toBe(202);
    answers.set(user.email, 550);
    await api.sql(`delete from jobs where payload->>'kind' = 'reset_password'`);
    await mailsTo(user.email);
    expect(await api.sql(`select 1 from jobs where state = 'dead' and payload->>'to' = $1`, [user.email])).toHaveLength(
      1,
    );
    expect(await forgot(user.email)).toBe(429);
    answers.delete(user.email);
  });

  it('L3: refuses a request without superseding the token that was mailed', async () => {
    const user = await api.user();
    expect(await forgot(user.email)).toBe(202);
    const { token } = await mailOf(user.email, 'reset_password');
    expect(await forgot(user.email)).toBe(429);
    await mailsTo(user.email);
    expect((await post('/auth/reset-password', { token, password: 'another horse, another staple' })).statusCode).toBe(
      204,
    );
  });
});

describe('the limit of a network', () => {
  it('counts no request that the mailbox refuses', async () => {
    const ask = async (email: string): Promise<number> => {
      const asked = { url: '/auth/forgot-password', payload: { email }, remoteAddress: '203.0.113.77' };
      return (await narrow.request({ ...asked, method: 'POST' })).statusCode;
    };
    expect(await ask('one@example.org')).toBe(202);
    for (let time = 0; time < 5; time++) expect(await ask('one@example.org')).toBe(429);
    expect([await ask('two@example.org'), await ask('three@example.org'), await ask('four@example.org')]).toEqual([
      ...[202, 202, 429],
    ]);
  });

  it('L10: is one for all that mails an address: forgot-password, request-verify-token, login-codes, me/email, register', async () => {
    const user = await api.user();
    let count = 0;
    const ways = [
      () => ({ url: '/auth/forgot-password', payload: { email: `way-${++count}@example.com` } }),
      () => ({ url: '/auth/request-verify-token', payload: { email: `way-${++count}@example.com` } }),
      () => ({ url: '/auth/login-codes', payload: { email: `way-${++count}@example.com` } }),
      () => ({ url: '/auth/register', payload: { email: `way-${++count}@example.com`, password: PASSWORD } }),
      () => ({
        url: '/auth/me/email',
        payload: { email: `way-${++count}@example.com`, password: PASSWORD },
        token: user.access_token,
      }),
    ];
    for (const [index, way] of ways.entries()) {
      const remoteAddress = `203.0.113.${index + 1}`;
      const send = (one: typeof way) => narrow.request({ method: 'POST', remoteAddress, ...one() });
      for (let time = 0; time < 3; time++) expect((await send(way)).statusCode).toBeLessThan(300);
      const before = await api.sql('select count(*)::int from jobs');
      for (const other of ways) {
        const refused = await send(other);
        expect([refused.statusCode, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
      }
      expect(await api.sql('select count(*)::int from jobs')).toEqual(before);
    }
  });
});
