import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD, tokenForm } from '../../../helpers/api.ts';
import { startReplica } from '../../../helpers/replicas.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m' });
/** The same accounts under EMAIL_VERIFICATION=required. */
const strict = startReplica(api, { email_verification: 'required' });

const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const verify = (payload: object, token?: string) => post('/auth/verify', payload, token);
const register = (email: string, password = PASSWORD) =>
  strict.request({ method: 'POST', url: '/auth/register', payload: { email, password, name: 'Ada' } });
const stateOf = async (id: string) =>
  (
    await api.sql<{ verified: boolean; password: boolean; sessions: number }>(
      `select email_verified_at is not null as verified, password_hash is not null as password,
              (select count(*)::int from sessions where user_id = users.id) as sessions from users where id = $1`,
      [id],
    )
  )[0];

describe('POST /auth/request-verify-token', () => {
  it('answers alike for a verified, an unverified and an unknown address, and mails the second alone', async () => {
    const [verified, unverified] = [await api.user(), await api.user()];
    await api.sql('update users set email_verified_at = now() where id = $1', [verified.id]);
    await api.sql(`delete from jobs where kind = 'mail.send'`);
    const emails = [verified.email, unverified.email, 'nobody@example.com'];
    const answers = await Promise.all(emails.map((email) => post('/auth/request-verify-token', { email })));
    expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(
      [202, 202, 202].map((code) => [code, '']),
    );
    const counts: number[] = [];
    for (const email of emails) counts.push((await mailsTo(email)).length);
    expect(counts).toEqual([0, 1, 0]);
    const requested = `select subject_id from audit_events where event = $1`;
    expect(await api.sql(requested, ['email.verification_requested'])).toEqual([{ subject_id: unverified.id }]);
  });
});

describe('POST /auth/verify', () => {
  it('L8: drops the password and the sessions that were set before the mailbox was proved', async () => {
    const attacked = await api.user();
    const own = await mailOf(attacked.email, 'verify_email');
    const answer = await verify({ token: own.token });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: attacked.id, email_verified: true, has_password: false });
    expect(await stateOf(attacked.id)).toEqual({ verified: true, password: false, sessions: 0 });
    expect((await post('/auth/login', { email: attacked.email, password: PASSWORD })).statusCode).toBe(401);
    expect((await api.request({ url: '/auth/me', token: attacked.access_token })).statusCode).toBe(401);
  });

  it.each(['password', 'bearer token'])('keeps both with the %s of the account', async (proof) => {
    const user = await api.user();
    const own = await mailOf(user.email, 'verify_email');
    const isPassword = proof === 'password';
    const payload = { email: user.email, code: own.code, ...(isPassword && { password: PASSWORD }) };
    const answer = await verify(payload, isPassword ? undefined : user.access_token);
    expect(answer.json()).toMatchObject({ email_verified: true, has_password: true });
    expect(await stateOf(user.id)).toEqual({ verified: true, password: true, sessions: 1 });
  });

  it('does not take the bearer token of another account, nor one of an ended session, for the owner’s', async () => {
    const [user, other] = [await api.user(), await api.user()];
    const own = await mailOf(user.email, 'verify_email');
    expect((await verify({ token: own.token }, other.access_token)).json()).toMatchObject({ has_password: false });
    const third = await api.user();
    const mail = await mailOf(third.email, 'verify_email');
    await api.request({ method: 'POST', url: '/auth/logout', token: third.access_token });
    expect((await verify({ token: mail.token }, third.access_token)).json()).toMatchObject({ has_password: false });
    expect(await stateOf(other.id)).toEqual({ verified: false, password: true, sessions: 1 });
  });

  it('answers invalid_credentials for a wrong password, and the token stays usable', async () => {
    const user = await api.user();
    const own = await mailOf(user.email, 'verify_email');
    const refused = await verify({ token: own.token, password: 'wrong password' });
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'invalid_credentials']);
    expect(await stateOf(user.id)).toEqual({ verified: false, password: true, sessions: 1 });
    expect((await verify({ token: own.token, password: PASSWORD })).statusCode).toBe(200);
  });

  it('L1: succeeds once of 16 at the same time, and L7: never for a disabled account', async () => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    const answers = await Promise.all(Array.from({ length: 16 }, () => verify({ token }, user.access_token)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(400)]);
    const disabled = await api.user();
    const mail = await mailOf(disabled.email, 'verify_email');
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    expect((await verify({ token: mail.token })).json().code).toBe('one_time_token_invalid');
    expect((await stateOf(disabled.id))?.verified).toBe(false);
  });

  it('L9: is not done by GET or HEAD', async () => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    for (const method of ['GET', 'HEAD'] as const) {
      expect((await api.request({ method, url: `/auth/verify?token=${token}` })).statusCode).toBe(405);
    }
    expect((await stateOf(user.id))?.verified).toBe(false);
  });
});

describe('EMAIL_VERIFICATION=required', () => {
  it('answers a registration alike for a free and a taken address, and mails each of them something else', async () => {
    const owner = await api.user();
    const answers = [await register('fresh@example.com'), await register(owner.email)];
    for (const answer of answers) expect([answer.statusCode, answer.body]).toEqual([202, '']);
    expect((await mailsTo('fresh@example.com')).map(({ kind }) => kind)).toEqual(['verify_email']);
    expect((await mailsTo(owner.email)).map(({ kind }) => kind)).toEqual(['address_taken', 'verify_email']);
    expect(await stateOf(owner.id)).toEqual({ verified: false, password: true, sessions: 1 });
    const [fresh] = await api.sql<{ id: string }>(`select id from users where email = 'fresh@example.com'`);
    expect(await stateOf(fresh?.id ?? '')).toEqual({ verified: false, password: true, sessions: 0 });
  });

  it('answers a registration that is sent again alike, mails the mailbox once a minute, and supersedes nothing', async () => {
    const owner = await api.user();
    for (const email of ['twice@example.com', owner.email]) {
      const answers = [await register(email), await register(email), await register(email, 'another horse battery')];
      for (const answer of answers) expect([answer.statusCode, answer.body]).toEqual([202, '']);
    }
    expect((await mailsTo(owner.email)).map(({ kind }) => kind)).toEqual(['address_taken', 'verify_email']);
    expect((await mailsTo('twice@example.com')).map(({ kind }) => kind)).toEqual(['verify_email']);
    const own = await mailOf('twice@example.com', 'verify_email');
    expect((await verify({ token: own.token, password: PASSWORD })).json()).toMatchObject({ has_password: true });
    expect((await post('/auth/request-verify-token', { email: 'twice@example.com' })).statusCode).toBe(202);
  });

  it('refuses a registration alike beyond the mails of an hour', async () => {
    const owner = await api.user();
    for (const email of ['often@example.com', owner.email]) {
      const answers: number[] = [];
      for (let n = 0; n < 6; n++) answers.push((await register(email)).statusCode);
      expect([email, answers]).toEqual([email, [202, 202, 202, 202, 202, 429]]);
    }
  });

  it('refuses a login until the address is verified, after the right password alone', async () => {
    await register('waiting@example.com');
    const login = (password: string) =>
      strict.request({ method: 'POST', url: '/auth/login', payload: { email: 'waiting@example.com', password } });
    expect((await login('wrong password')).json().code).toBe('invalid_credentials');
    const refused = await login(PASSWORD);
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'email_unverified']);
    const form = await strict.request(tokenForm({ username: 'waiting@example.com', password: PASSWORD }));
    expect(form.statusCode).toBeGreaterThanOrEqual(400);
    expect(
      await api.sql(`select 1 from sessions join users on users.id = user_id where email = 'waiting@example.com'`),
    ).toEqual([]);
    const own = await mailOf('waiting@example.com', 'verify_email');
    await verify({ token: own.token, password: PASSWORD });
    expect((await login(PASSWORD)).statusCode).toBe(200);
  });
});
