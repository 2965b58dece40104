import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD } from '../../../helpers/api.ts';
import { startReplica } from '../../../helpers/replicas.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m', EMAIL_LOGIN: 'true' });
/** The same accounts with EMAIL_LOGIN=false, as it is by default. */
const without = startReplica(api, { email_login: false });
/** The same accounts under EMAIL_VERIFICATION=required. */
const strict = startReplica(api, { email_verification: 'required' });
const INVALID = [400, 'one_time_token_invalid'];

const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const ask = (email: string) => post('/auth/login-codes', { email });
const login = (payload: object, token?: string) => post('/auth/login-codes/verify', payload, token);
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];
const verified = async () => {
  const user = await api.user();
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  return user;
};
/** The mail of a login to an address. */
const mailed = async (email: string) => {
  expect((await ask(email)).statusCode).toBe(202);
  return mailOf(email, 'login_code');
};
const rowOf = async (id: string) =>
  (
    await api.sql(
      `select email_verified_at is not null as verified, password_hash is not null as password,
              (select count(*)::int from sessions where user_id = users.id) as sessions from users where id = $1`,
      [id],
    )
  )[0];
const eventsOf = async (id: string): Promise<string[]> =>
  (await api.sql<{ event: string }>('select event from audit_events where subject_id = $1 order by id', [id])).map(
    ({ event }) => event,
  );

describe('POST /auth/login-codes', () => {
  it('answers in the same bytes for a verified, an unverified, a disabled and an unknown address, and makes no account', async () => {
    const [known, unverified, disabled] = [await verified(), await api.user(), await verified()];
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    await api.sql(`delete from jobs where kind = 'mail.send'`);
    const before = await api.sql('select id from users order by id');
    const emails = [known.email, unverified.email, disabled.email, 'nobody@example.com'];
    const answers = await Promise.all(emails.map(ask));
    const seen = answers.map(({ statusCode, body, headers }) => {
      const { 'x-request-id': _id, date: _date, ratelimit: _left, ...rest } = headers;
      return { statusCode, body, rest };
    });
    expect(seen[0]).toMatchObject({ statusCode: 202, body: '' });
    for (const one of seen) expect(one).toEqual(seen[0]);
    const kinds: string[][] = [];
    for (const email of emails) kinds.push((await mailsTo(email)).map(({ kind }) => kind));
    expect(kinds).toEqual([['login_code'], ['login_code'], [], []]);
    expect(await api.sql('select id from users order by id')).toEqual(before);
    expect(await eventsOf(known.id)).toContain('login_code.requested');
  });

  it('L10: of a hundred requests for one mailbox one is mailed', async () => {
    const user = await verified();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(user.email)));
    expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(99);
    expect((await mailsTo(user.email)).filter(({ kind }) => kind === 'login_code')).toHaveLength(1);
  });

  it.each(['/auth/login-codes', '/auth/login-codes/verify'])(
    '%s is not found without EMAIL_LOGIN=true',
    async (url) => {
      const user = await verified();
      const { token } = await mailed(user.email);
      const payload = url.endsWith('verify') ? { token } : { email: user.email };
      const before = await rowOf(user.id);
      expect(brief(await without.request({ method: 'POST', url, payload }))).toEqual([404, 'route_not_found']);
      expect(await rowOf(user.id)).toEqual(before);
      expect((await login({ token })).statusCode).toBe(200);
    },
  );
});

describe('POST /auth/login-codes/verify', () => {
  it.each(['link', 'code'])(
    'starts a session by a %s, once, and keeps the password and the other sessions',
    async (form) => {
      const user = await verified();
      const mail = await mailed(user.email);
      const proof = form === 'link' ? { token: mail.token } : { email: user.email, code: mail.code };
      const answer = await login(proof);
      expect(answer.statusCode).toBe(200);
      const me = await api.request({ url: '/auth/me', token: answer.json().access_token });
      expect(me.json()).toMatchObject({ id: user.id, has_password: true });
      expect(await rowOf(user.id)).toEqual({ verified: true, password: true, sessions: 2 });
      expect((await eventsOf(user.id)).at(-1)).toBe('session.started');
      expect(brief(await login(proof))).toEqual(INVALID);
      expect(await rowOf(user.id)).toMatchObject({ sessions: 2 });
    },
  );

  it('L1: starts one session of 16 at the same time', async () => {
    const user = await verified();
    const { token } = await mailed(user.email);
    const answers = await Promise.all(Array.from({ length: 16 }, () => login({ token })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(400)]);
    expect(await rowOf(user.id)).toMatchObject({ sessions: 2 });
  });

  it('L2: takes none that has run out, of another account, or of another purpose', async () => {
    const [user, other] = [await verified(), await verified()];
    const mail = await mailed(user.email);
    expect(brief(await login({ email: other.email, code: mail.code }))).toEqual(INVALID);
    expect(brief(await post('/auth/reset-password', { token: mail.token, password: PASSWORD }))).toEqual(INVALID);
    await post('/auth/forgot-password', { email: user.email });
    expect(brief(await login({ token: (await mailOf(user.email, 'reset_password')).token }))).toEqual(INVALID);
    await api.sql(
      `update one_time_tokens set expires_at = now() - interval '1 second' where user_id = $1 and purpose = 'login_code'`,
      [user.id],
    );
    expect(brief(await login({ token: mail.token }))).toEqual(INVALID);
    expect(brief(await login({ email: user.email, code: mail.code }))).toEqual(INVALID);
    expect(await rowOf(user.id)).toMatchObject({ sessions: 1 });
    expect(await rowOf(other.id)).toMatchObject({ sessions: 1 });
  });

  it('lives as long as a code, the link too', async () => {
    const user = await verified();
    await mailed(user.email);
    const rows = await api.sql(
      `select extract(epoch from expires_at - created_at)::int as link, extract(epoch from code_expires_at - created_at)::int as code
       from one_time_tokens where user_id = $1 and purpose = 'login_code'`,
      [user.id],
    );
    expect(rows).toEqual([{ link: 600, code: 600 }]);
  });

  it('L4: six wrong codes end the code and not the link', async () => {
    const user = await verified();
    const { token, code } = await mailed(user.email);
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let n = 0; n < 6; n++) expect(brief(await login({ email: user.email, code: wrong }))).toEqual(INVALID);
    expect(brief(await login({ email: user.email, code }))).toEqual(INVALID);
    expect((await login({ token })).statusCode).toBe(200);
  });

  it('L7: is account_disabled for an account that was disabled meanwhile, and starts nothing', async () => {
    const user = await verified();
    const { token } = await mailed(user.email);
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    const before = await rowOf(user.id);
    expect(brief(await login({ token }))).toEqual([403, 'account_disabled']);
    expect(await rowOf(user.id)).toEqual(before);
  });

  it('L8: drops the password and the sessions of an account whose mailbox was never proved', async () => {
    const attacked = await api.user();
    const { token } = await mailed(attacked.email);
    const answer = await login({ token });
    expect(answer.statusCode).toBe(200);
    expect(await rowOf(attacked.id)).toEqual({ verified: true, password: false, sessions: 1 });
    expect((await api.request({ url: '/auth/me', token: attacked.access_token })).statusCode).toBe(401);
    expect((await post('/auth/login', { email: attacked.email, password: PASSWORD })).statusCode).toBe(401);
    expect((await api.request({ url: '/auth/me', token: answer.json().access_token })).statusCode).toBe(200);
  });

  it('L8: keeps them with an access token of the account, and not with another one’s', async () => {
    const [user, second, other] = [await api.user(), await api.user(), await api.user()];
    const own = await mailed(user.email);
    expect((await login({ token: own.token }, user.access_token)).statusCode).toBe(200);
    expect(await rowOf(user.id)).toEqual({ verified: true, password: true, sessions: 2 });
    const mail = await mailed(second.email);
    expect((await login({ token: mail.token }, other.access_token)).statusCode).toBe(200);
    expect(await rowOf(second.id)).toEqual({ verified: true, password: false, sessions: 1 });
  });

  it('L9: is not done by GET or HEAD', async () => {
    const user = await verified();
    const { token } = await mailed(user.email);
    for (const method of ['GET', 'HEAD'] as const)
      expect((await api.request({ method, url: `/auth/login-codes/verify?token=${token}` })).statusCode).toBe(405);
    expect(await rowOf(user.id)).toMatchObject({ sessions: 1 });
    expect((await login({ token })).statusCode).toBe(200);
  });

  it('verifies the address under EMAIL_VERIFICATION=required, and logs in', async () => {
    const payload = { email: 'required@example.com', password: PASSWORD };
    expect((await strict.request({ method: 'POST', url: '/auth/register', payload })).statusCode).toBe(202);
    const { token } = await mailed(payload.email);
    const answer = await strict.request({ method: 'POST', url: '/auth/login-codes/verify', payload: { token } });
    expect(answer.statusCode).toBe(200);
  });

  it.each(['change', 'reset'])('is over with a %s of the password', async (how) => {
    const user = await verified();
    const { token } = await mailed(user.email);
    const password = 'another horse, another staple';
    if (how === 'change') {
      const payload = { current_password: PASSWORD, new_password: password };
      expect((await post('/auth/me/password', payload, user.access_token)).statusCode).toBe(204);
    } else {
      await post('/auth/forgot-password', { email: user.email });
      const { token } = await mailOf(user.email, 'reset_password');
      expect((await post('/auth/reset-password', { token, password })).statusCode).toBe(204);
    }
    const before = await rowOf(user.id);
    expect(brief(await login({ token }))).toEqual(INVALID);
    expect(await rowOf(user.id)).toEqual(before);
  });

  it('gives an invited account its invitation instead, which alone opens it', async () => {
    const admin = await api.admin();
    const email = 'invited@example.com';
    expect((await post('/users/invitations', { email, role: 'admin' }, admin.access_token)).statusCode).toBe(201);
    expect((await ask(email)).statusCode).toBe(202);
    expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['invitation', 'invitation']);
  });
});
