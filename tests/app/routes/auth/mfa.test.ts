import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, tokenForm } from '../../../helpers/api.ts';
import { startFactorApi } from '../../../helpers/authenticator.ts';

const { api, post, pass, stop, verified, enrol, challenge } = startFactorApi({
  LIMIT_LOGIN_FAILURES_PER_IP: '1000/1m',
});

const signIn = (payload: object) => post('/auth/mfa', payload);
const sessionsOf = async (id: string) =>
  (await api.sql<{ count: number }>('select count(*)::int from sessions where user_id = $1', [id]))[0]?.count;

describe('a way in of an account with a factor', () => {
  it('answers mfa_required with what goes on, and starts no session', async () => {
    const user = await verified();
    const app = await enrol(user);
    const answer = await post('/auth/login', { email: user.email, password: PASSWORD });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      code: 'mfa_required',
      mfa_token: expect.stringMatching(/^[\w-]{54}$/),
      expires_in: 300,
      factors: [{ id: app.id, type: 'totp', name: 'Phone' }],
      recovery_codes: true,
    });
    const byForm = await api.request(tokenForm({ grant_type: 'password', username: user.email, password: PASSWORD }));
    expect(byForm.json()).toMatchObject({ code: 'mfa_required', error: 'invalid_grant' });
    expect(await sessionsOf(user.id)).toBe(1);
  });

  it('tells nobody without the password that there is a factor', async () => {
    const user = await verified();
    await enrol(user);
    const answer = await post('/auth/login', { email: user.email, password: 'wrong password' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_credentials']);
  });
});

describe('POST /auth/mfa', () => {
  it('gives a pair for the code of the app, whose token says that there were two factors', async () => {
    const user = await verified();
    const app = await enrol(user);
    const answer = await signIn({ mfa_token: await challenge(user), code: app.code() });
    expect(answer.statusCode, answer.body).toBe(200);
    const claims = claimsOf(answer.json().access_token);
    expect(claims).toMatchObject({ sub: user.id, amr: ['pwd', 'otp'], acr: '2' });
    expect(Math.abs(Number(claims.auth_time) - Date.now() / 1000)).toBeLessThan(60);
    const refreshed = await post('/auth/refresh', { refresh_token: answer.json().refresh_token });
    expect(claimsOf(refreshed.json().access_token)).toMatchObject({
      amr: ['pwd', 'otp'],
      acr: '2',
      auth_time: claims.auth_time,
    });
  });

  it('takes a code of the step before and after, and a step once', async () => {
    const user = await verified();
    const app = await enrol(user);
    stop();
    const code = app.code();
    pass(30);
    expect((await signIn({ mfa_token: await challenge(user), code })).statusCode).toBe(200);
    const again = await signIn({ mfa_token: await challenge(user), code });
    expect([again.statusCode, again.json().code]).toEqual([401, 'invalid_credentials']);
    // An app whose clock is ahead.
    pass(90);
    const early = app.code();
    pass(-30);
    expect((await signIn({ mfa_token: await challenge(user), code: early })).statusCode).toBe(200);
    pass(90);
    const late = app.code();
    pass(60);
    expect((await signIn({ mfa_token: await challenge(user), code: late })).statusCode).toBe(401);
  });

  it('L12: lets one of 16 with the same code and token in', async () => {
    const user = await verified();
    const app = await enrol(user);
    const before = await sessionsOf(user.id);
    const payload = { mfa_token: await challenge(user), code: app.code() };
    const answers = await Promise.all(Array.from({ length: 16 }, () => signIn(payload)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(await sessionsOf(user.id)).toBe(Number(before) + 1);
  });

  it('takes each recovery code once, in any case and without its hyphen', async () => {
    const user = await verified();
    const { recovery_codes } = await enrol(user);
    expect(recovery_codes).toHaveLength(10);
    const [first = '', second = ''] = recovery_codes;
    const written = first.toLowerCase().replace('-', '');
    expect((await signIn({ mfa_token: await challenge(user), recovery_code: written })).statusCode).toBe(200);
    const again = await signIn({ mfa_token: await challenge(user), recovery_code: first });
    expect([again.statusCode, again.json().code]).toEqual([401, 'invalid_credentials']);
    expect((await signIn({ mfa_token: await challenge(user), recovery_code: second })).statusCode).toBe(200);
    const { access_token: token } = user;
    expect((await api.request({ url: '/auth/me/factors', token })).json().recovery_codes_left).toBe(8);
  });

  it('ends the token after five wrong answers, the right one included', async () => {
    const user = await verified();
    const app = await enrol(user);
    const mfa_token = await challenge(user);
    for (let tries = 0; tries < 5; tries++) {
      const wrong = await signIn({ mfa_token, code: '000000' });
      expect([wrong.statusCode, wrong.json().code]).toEqual([401, 'invalid_credentials']);
    }
    const sixth = await signIn({ mfa_token, code: app.code() });
    expect([sixth.statusCode, sixth.json().code]).toEqual([401, 'mfa_token_invalid']);
    expect((await signIn({ mfa_token: await challenge(user), code: app.code() })).statusCode).toBe(200);
  });

  it('waits 15 minutes after ten wrong answers of an account, over all challenges and both kinds of code', async () => {
    const user = await verified();
    const app = await enrol(user);
    for (const answer of [{ code: '000000' }, { recovery_code: 'AAAAA-AAAAA' }]) {
      const mfa_token = await challenge(user);
      for (let tries = 0; tries < 5; tries++) expect((await signIn({ mfa_token, ...answer })).statusCode).toBe(401);
    }
    const held = await signIn({ mfa_token: await challenge(user), code: app.code() });
    expect([held.statusCode, held.json().code]).toEqual([429, 'rate_limited']);
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(880);
    expect(Number(held.headers['retry-after'])).toBeLessThanOrEqual(900);
    const other = await verified();
    const theirs = await enrol(other);
    expect((await signIn({ mfa_token: await challenge(other), code: theirs.code() })).statusCode).toBe(200);
  });

  it('records the challenge, a wrong answer, a recovery code and a recent proof', async () => {
    const user = await verified();
    const app = await enrol(user);
    const mfa_token = await challenge(user);
    await signIn({ mfa_token, code: '000000' });
    const pair = (await signIn({ mfa_token, recovery_code: app.recovery_codes[0] })).json();
    await post('/auth/me/reauthenticate', { code: app.code() }, pair.access_token);
    const events = await api.sql<{ event: string }>(
      `select event from audit_events where subject_id = $1 and event ~ '^(mfa|recovery_code|session)' order by id`,
      [user.id],
    );
    expect(events.map(({ event }) => event).slice(1)).toEqual([
      'recovery_codes.created',
      'mfa.challenged',
      'mfa.failed',
      'recovery_code.used',
      'session.started',
      'session.reauthenticated',
    ]);
  });

  it('does not take a token that is used, foreign, expired, or older than the password', async () => {
    const user = await verified();
    const app = await enrol(user);
    const used = await challenge(user);
    expect((await signIn({ mfa_token: used, code: app.code() })).statusCode).toBe(200);
    pass();
    const expired = await challenge(user);
    await api.sql(`update mfa_challenges set expires_at = now() where user_id = $1`, [user.id]);
    const stale = await challenge(user);
    await api.sql('update users set password_version = password_version + 1 where id = $1', [user.id]);
    for (const mfa_token of [used, expired, stale, 'x', 'é', stale.replace(/.$/, '_'), user.access_token]) {
      const answer = await signIn({ mfa_token, code: app.code() });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'mfa_token_invalid']);
    }
    const opened = await api.request({ url: '/auth/me', token: expired });
    expect([opened.statusCode, opened.json().code]).toEqual([401, 'mfa_token_invalid']);
    expect(opened.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('answers account_disabled for an account that was disabled meanwhile', async () => {
    const user = await verified();
    const app = await enrol(user);
    const mfa_token = await challenge(user);
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    const answer = await signIn({ mfa_token, code: app.code() });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_disabled']);
  });

  it.each([{}, { code: '123456', recovery_code: 'x' }])('wants exactly one answer: %j', async (answer) => {
    expect((await signIn({ mfa_token: 'x', ...answer })).statusCode).toBe(422);
  });
});
