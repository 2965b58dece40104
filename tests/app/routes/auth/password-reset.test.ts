import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD } from '../../../helpers/api.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m' });
const NEW = 'another horse, another staple';

const post = (url: string, payload: object, headers = {}) => api.request({ method: 'POST', url, payload, headers });
const forgot = (email: string, headers = {}) => post('/auth/forgot-password', { email }, headers);
const reset = (payload: object) => post('/auth/reset-password', payload);
const login = (email: string, password: string) => post('/auth/login', { email, password });
const INVALID = [400, 'one_time_token_invalid'];
const eventsOf = async (id: string): Promise<string[]> =>
  (await api.sql<{ event: string }>('select event from audit_events where subject_id = $1 order by id', [id])).map(
    ({ event }) => event,
  );

describe('POST /auth/forgot-password', () => {
  it('A4: answers with the same bytes for a known, an unknown and a disabled address, and mails the first alone', async () => {
    const [known, disabled] = [await api.user(), await api.user()];
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    const answers = await Promise.all(
      [known.email, 'nobody@example.com', disabled.email].map((email) => forgot(email)),
    );
    for (const answer of answers) {
      expect([answer.statusCode, answer.body]).toEqual([202, '']);
      const { 'x-request-id': _id, date: _date, ratelimit: _left, ...headers } = answer.headers;
      const { 'x-request-id': _, date: __, ratelimit: ___, ...first } = answers[0]?.headers ?? {};
      expect(headers).toEqual(first);
    }
    const kinds = async (email: string) => (await mailsTo(email)).map(({ kind }) => kind);
    expect(await kinds(known.email)).toEqual(['reset_password', 'verify_email']);
    expect(await kinds('nobody@example.com')).toEqual([]);
    expect(await kinds(disabled.email)).toEqual(['verify_email']);
    expect(await eventsOf(known.id)).toContain('password.reset_requested');
    expect(await eventsOf(disabled.id)).not.toContain('password.reset_requested');
  });

  it('writes in the account’s language, then in the browser’s, then in the default one', async () => {
    const user = await api.user();
    await forgot(user.email, { 'accept-language': 'nl, fr-CH;q=0.9, en;q=0.5' });
    expect((await mailOf(user.email, 'reset_password')).locale).toBe('fr');
    const other = await api.user();
    await api.sql(`update users set locale = 'pl' where id = $1`, [other.id]);
    await forgot(other.email, { 'accept-language': 'fr' });
    expect((await mailOf(other.email, 'reset_password')).locale).toBe('pl');
    const third = await api.user();
    await forgot(third.email);
    expect((await mailOf(third.email, 'reset_password')).locale).toBe('en');
  });

  it('L10: of a hundred requests for one mailbox one is mailed, and the others are refused alike without an account', async () => {
    const user = await api.user();
    for (const email of [user.email, 'no-one@example.com']) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => forgot(email)));
      expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1);
      const refused = answers.filter(({ statusCode }) => statusCode === 429);
      expect(refused).toHaveLength(99);
      expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    }
    const mails = await mailsTo(user.email);
    expect(mails.filter(({ kind }) => kind === 'reset_password')).toHaveLength(1);
  });

  it('refuses what is no address', async () => {
    expect((await forgot('ada@example.com, eve@example.com')).statusCode).toBe(422);
  });

  it('is answered once, also if its job runs twice', async () => {
    const user = await api.user();
    await forgot(user.email);
    const own = await mailOf(user.email, 'reset_password');
    await api.sql(`update jobs set state = 'pending', locked_until = null where kind = 'mail.request'`);
    const again = await mailsTo(user.email);
    expect(again.filter(({ kind }) => kind === 'reset_password')).toEqual([own]);
  });
});

describe('POST /auth/reset-password', () => {
  it.each(['link', 'code'])(
    'L5: sets the password by a %s, ends every session, makes none, and verifies the address',
    async (form) => {
      const user = await api.user();
      await forgot(user.email);
      const own = await mailOf(user.email, 'reset_password');
      const proof = form === 'link' ? { token: own.token } : { email: user.email.toUpperCase(), code: own.code };
      const answer = await reset({ ...proof, password: NEW });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect((await api.request({ url: '/auth/me', token: user.access_token })).json().code).toBe('session_ended');
      expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
      expect((await login(user.email, PASSWORD)).statusCode).toBe(401);
      const { access_token } = (await login(user.email, NEW)).json();
      expect((await api.request({ url: '/auth/me', token: access_token })).json().email_verified).toBe(true);
      expect(await eventsOf(user.id)).toEqual(expect.arrayContaining(['password.reset', 'email.verified']));
      expect((await mailsTo(user.email))[0]?.kind).toBe('notice.password.reset');
      const second = await reset({ ...proof, password: 'yet another horse' });
      expect([second.statusCode, second.json().code]).toEqual(INVALID);
    },
  );

  it('leaves the token usable after a password that is refused', async () => {
    const user = await api.user();
    await forgot(user.email);
    const own = await mailOf(user.email, 'reset_password');
    for (let time = 0; time < 6; time++) {
      const refused = await reset({ email: user.email, code: own.code, password: 'short' });
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'password_too_short']);
    }
    expect((await reset({ email: user.email, code: own.code, password: NEW })).statusCode).toBe(204);
  });

  it('L1: of 16 at the same time one succeeds, and its password is the one that holds', async () => {
    const user = await api.user();
    await forgot(user.email);
    const { token } = await mailOf(user.email, 'reset_password');
    const passwords = Array.from({ length: 16 }, (_, n) => `the horse with number ${n}`);
    const answers = await Promise.all(passwords.map((password) => reset({ token, password })));
    const winner = answers.findIndex(({ statusCode }) => statusCode === 204);
    expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(15);
    expect((await login(user.email, passwords[winner] ?? '')).statusCode).toBe(200);
    expect(await api.sql('select password_version from users where id = $1', [user.id])).toEqual([
      { password_version: 1 },
    ]);
  });

  it('L7: does nothing for an account that was disabled meanwhile', async () => {
    const user = await api.user();
    await forgot(user.email);
    const { token } = await mailOf(user.email, 'reset_password');
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    const before = await api.sql('select * from users where id = $1', [user.id]);
    const answer = await reset({ token, password: NEW });
    expect([answer.statusCode, answer.json().code]).toEqual(INVALID);
    expect(await api.sql('select * from users where id = $1', [user.id])).toEqual(before);
    expect(await eventsOf(user.id)).not.toContain('password.reset');
  });

  it('ends with a change of the password, and with a newer request', async () => {
    const user = await api.user();
    await forgot(user.email);
    const { token } = await mailOf(user.email, 'reset_password');
    const changed = await api.request({
      method: 'POST',
      url: '/auth/me/password',
      token: user.access_token,
      payload: { current_password: PASSWORD, new_password: NEW },
    });
    expect(changed.statusCode).toBe(204);
    expect((await reset({ token, password: 'yet another horse' })).statusCode).toBe(400);
    expect((await mailsTo(user.email))[0]?.kind).toBe('notice.password.changed');
  });

  it.each([
    [{ token: 'x'.repeat(512), password: NEW }, 400],
    [{ token: '', password: NEW }, 400],
    [{ token: 7, password: NEW }, 422],
    [{ token: 'x'.repeat(513), password: NEW }, 422],
    [{ email: 'nobody@example.com', code: '12345678', password: NEW }, 400],
    [{ email: 'nobody@example.com', password: NEW }, 422],
    [{ token: 'x', email: 'nobody@example.com', code: '12345678', password: NEW }, 422],
    [{ password: NEW }, 422],
  ])('answers %j with %i', async (payload, status) => {
    expect((await reset(payload)).statusCode).toBe(status);
  });
});
