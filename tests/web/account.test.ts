import { describe, expect, it } from 'vitest';
import { en } from '../../src/web/pages/texts/en.ts';
import { PASSWORD } from '../helpers/api.ts';
import { startFactorApi } from '../helpers/authenticator.ts';
import { headingOf, hiddenIn, Scriptless } from '../helpers/scriptless.ts';

const factors = startFactorApi({ RATE_LIMITS: 'false' });
const { api } = factors;
const NEW_PASSWORD = 'another horse, another staple';
const texts = en({ product: 'Back API', shortest: 8 });

const sessionsOf = async (id: string) =>
  (await api.sql<{ count: number }>('select count(*)::int from sessions where user_id = $1', [id]))[0]?.count;
const signedIn = async (email: string) => {
  const browser = new Scriptless(api);
  const answer = await browser.signIn(email);
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account']);
  return browser;
};

describe('signing in on the page', () => {
  it('keeps the session in the cookie that no script reads, shows the account, and signs out', async () => {
    const user = await api.user();
    const browser = new Scriptless(api);
    const answer = await browser.signIn(user.email);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account']);
    expect(answer.headers['set-cookie']).toMatch(/^session=[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    const account = await browser.get('');
    expect([account.statusCode, headingOf(account.body)]).toEqual([200, texts.account.title]);
    expect(account.body.replaceAll('<wbr>', '')).toContain(user.email);
    expect(account.body).toContain(texts.account.unverified);
    expect(await sessionsOf(user.id)).toBe(2);
    const out = await browser.post('', { sign_out: 'yes' });
    expect([out.statusCode, out.headers.location, browser.cookie]).toEqual([303, '/account/sign-in', '']);
    expect(await sessionsOf(user.id)).toBe(1);
    expect((await browser.get('')).headers.location).toBe('/account/sign-in');
  });

  it('refuses an unknown address and a wrong password alike, gives no password back, and starts nothing', async () => {
    const user = await api.user();
    const wrong = await new Scriptless(api).signIn(user.email, 'wrong password');
    const unknown = await new Scriptless(api).signIn('nobody@example.com', 'wrong password');
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    // Each page has a challenge of its own, in both of its places.
    const alike = (html: string) => html.replaceAll(/[\w-]{60,}/g, 'challenge');
    expect(alike(unknown.body.replaceAll('nobody@example.com', user.email))).toBe(alike(wrong.body));
    expect(wrong.body).toContain(texts.problems.sign_in_failed);
    expect(wrong.body).not.toContain('wrong password');
    expect(wrong.headers['set-cookie']).toBeUndefined();
    expect(await sessionsOf(user.id)).toBe(1);
  });

  it('goes on to the page that was asked for, and never to another site', async () => {
    const user = await api.user();
    const browser = new Scriptless(api);
    expect((await browser.get('devices')).headers.location).toBe('/account/sign-in?next=devices');
    const answer = await browser.post('sign-in?next=devices', { email: user.email, password: PASSWORD });
    expect(answer.headers.location).toBe('/account/devices');
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/evil',
      '..',
      'a%2Fb',
      '%0d%0aX:1',
      'a'.repeat(41),
    ]) {
      const led = await browser.post(`sign-in?next=${next}`, { email: user.email, password: PASSWORD });
      expect([led.statusCode, led.headers.location], next).toEqual([303, '/account']);
    }
    expect((await browser.get('sign-in?next=profile')).headers.location).toBe('/account/profile');
  });

  it('keeps the language through every step', async () => {
    const user = await api.user();
    const browser = new Scriptless(api);
    expect((await browser.get('profile?locale=de')).headers.location).toBe('/account/sign-in?locale=de&next=profile');
    const answer = await browser.post('sign-in?locale=de&next=profile', { email: user.email, password: PASSWORD });
    expect(answer.headers.location).toBe('/account/profile?locale=de');
    expect((await browser.get('profile?locale=de')).body).toContain('<html lang="de">');
  });

  it('opens an account and signs in', async () => {
    const browser = new Scriptless(api);
    const email = 'signs.up@example.com';
    const short = await browser.post('sign-up', { email, password: 'short', name: '' });
    expect([short.statusCode, short.body.includes(texts.problems.password_too_short)]).toEqual([422, true]);
    const answer = await browser.post('sign-up', { email, password: PASSWORD, name: 'Ada <b>' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account']);
    const account = await browser.get('');
    expect(account.body).toContain('Ada &lt;b&gt;');
    expect(account.body.replaceAll('<wbr>', '')).toContain(email);
    const again = await new Scriptless(api).post('sign-up', { email, password: PASSWORD, name: '' });
    expect([again.statusCode, again.body.includes(texts.problems.email_taken)]).toEqual([409, true]);
  });

  it('takes no form from another site, and nothing changes', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    for (const page of ['', 'profile', 'password', 'email', 'devices', 'delete']) {
      const answer = await browser.post(
        page,
        { name: 'Eve', others: 'yes', sign_out: 'yes' },
        { 'sec-fetch-site': 'cross-site' },
      );
      expect([answer.statusCode, answer.body.includes(texts.problems.cross_site_request)], page).toEqual([403, true]);
    }
    expect(await sessionsOf(user.id)).toBe(2);
  });
});

describe('the cookie of a page', () => {
  it('is good while its token is the session’s last one, and a moment longer', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    const first = browser.cookie;
    const refreshed = await api.request({
      method: 'POST',
      url: '/auth/refresh',
      headers: { cookie: first, 'sec-fetch-site': 'same-origin' },
    });
    expect(refreshed.statusCode).toBe(200);
    expect((await browser.get('')).statusCode).toBe(200);
    await api.sql("update sessions set refreshed_at = now() - interval '1 hour' where user_id = $1", [user.id]);
    expect((await browser.get('')).headers.location).toBe('/account/sign-in');
    // A page that looks at an old token is no theft: the session lives on.
    expect(await sessionsOf(user.id)).toBe(2);
    browser.cookie = String(refreshed.headers['set-cookie']).split(';')[0] ?? '';
    expect((await browser.get('')).statusCode).toBe(200);
  });

  it.each([
    ['an access token', async () => (await api.user()).access_token],
    ['text', async () => 'x'.repeat(5000)],
    ['a token that is changed', async () => `${(await api.user()).refresh_token}x`],
  ])('opens nothing as %s', async (_what, make) => {
    const browser = new Scriptless(api);
    browser.cookie = `session=${await make()}`;
    const answer = await browser.get('profile');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account/sign-in?next=profile']);
  });

  it('opens nothing of a disabled account, or of a session that has ended', async () => {
    const [disabled, ended] = [await api.user(), await api.user()];
    const browsers = [await signedIn(disabled.email), await signedIn(ended.email)];
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    await api.sql('delete from sessions where user_id = $1', [ended.id]);
    for (const browser of browsers) expect((await browser.get('')).headers.location).toBe('/account/sign-in');
  });
});

describe('the settings', () => {
  it('change name and language, and take them away', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    const row = async () => (await api.sql('select name, locale from users where id = $1', [user.id]))[0];
    expect((await browser.post('profile', { name: 'Ada', locale: 'pl' })).headers.location).toBe('/account');
    expect(await row()).toEqual({ name: 'Ada', locale: 'pl' });
    const form = await browser.get('profile');
    expect(form.body).toMatch(/name="name"[^>]*value="Ada"/);
    expect(form.body).toContain('<option value="pl" selected>');
    await browser.post('profile', { name: '', locale: '' });
    expect(await row()).toEqual({ name: null, locale: null });
    expect((await browser.post('profile', { name: 'x', locale: 'xx' })).statusCode).toBe(422);
  });

  it('change the password, and end the other sessions', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    const wrong = await browser.post('password', { current_password: 'not mine', new_password: NEW_PASSWORD });
    expect([wrong.statusCode, wrong.body.includes('id="current_password-problem"')]).toEqual([401, true]);
    expect(wrong.body).not.toContain(NEW_PASSWORD);
    const answer = await browser.post('password', { current_password: PASSWORD, new_password: NEW_PASSWORD });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.password.done_title]);
    expect(await sessionsOf(user.id)).toBe(1);
    expect((await browser.get('')).statusCode).toBe(200);
    expect((await new Scriptless(api).signIn(user.email, NEW_PASSWORD)).statusCode).toBe(303);
  });

  it('ask for a change of the address, which nothing changes before it is confirmed', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    const answer = await browser.post('email', { email: 'new.address@example.org', password: PASSWORD });
    expect([answer.statusCode, answer.body.replaceAll('<wbr>', '').includes('new.address@example.org')]).toEqual([
      200,
      true,
    ]);
    expect(await api.sql('select email from users where id = $1', [user.id])).toEqual([{ email: user.email }]);
  });

  it('show the devices, end one, and all the others', async () => {
    const user = await api.user();
    const other = await api.user();
    const [browser, second] = [await signedIn(user.email), await signedIn(user.email)];
    const page = await browser.get('devices');
    expect(page.body.match(/name="session_id"/g)).toHaveLength(2);
    expect(page.body).toContain(texts.devices.current);
    const foreign =
      (await api.sql<{ id: string }>('select id from sessions where user_id = $1', [other.id]))[0]?.id ?? '';
    const refused = await browser.post('devices', { session_id: foreign });
    expect([refused.statusCode, await sessionsOf(other.id)]).toEqual([404, 1]);
    expect((await browser.post('devices', { session_id: hiddenIn(page.body, 'session_id') })).statusCode).toBe(303);
    expect(await sessionsOf(user.id)).toBe(2);
    expect((await browser.post('devices', { others: 'yes' })).statusCode).toBe(303);
    expect([await sessionsOf(user.id), (await second.get('')).statusCode]).toEqual([1, 303]);
  });

  it('delete the account after its password', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    expect((await browser.post('delete', { password: 'not mine' })).statusCode).toBe(401);
    const answer = await browser.post('delete', { password: PASSWORD });
    expect([answer.statusCode, headingOf(answer.body), browser.cookie]).toEqual([200, texts.delete.done_title, '']);
    expect((await new Scriptless(api).signIn(user.email)).statusCode).toBe(401);
  });
});

describe('a second factor on the pages', () => {
  const codeOf = async (secret: string) => {
    const { codeOfStep, fromBase32, stepsAt } = await import('../../src/app/services/auth/factors/totp.ts');
    return codeOfStep(fromBase32(secret), stepsAt(api.app.ctx.clock.now())[0] ?? 0);
  };

  it('is set up, asked for, replaced by a recovery code, and removed', async () => {
    const user = await factors.verified();
    const browser = await signedIn(user.email);
    const shown = await browser.post('add-authenticator', { name: 'Phone' });
    expect([shown.statusCode, headingOf(shown.body)]).toEqual([200, texts.add_authenticator.title]);
    expect(shown.body).toContain('src="data:image/svg+xml;base64,');
    const secret = (/<code>([^<]+)<\/code>/.exec(shown.body)?.[1] ?? '').replaceAll(' ', '');
    const factor_id = hiddenIn(shown.body, 'factor_id');
    const wrong = await browser.post('activate-authenticator', { factor_id, code: '000000' });
    expect([wrong.statusCode, hiddenIn(wrong.body, 'factor_id')]).toEqual([401, factor_id]);
    expect(wrong.body).toContain(texts.problems.invalid_code);
    const active = await browser.post('activate-authenticator', { factor_id, code: await codeOf(secret) });
    expect([active.statusCode, headingOf(active.body)]).toEqual([200, texts.add_authenticator.done_title]);
    const codes = [...active.body.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code);
    expect(codes).toHaveLength(10);
    factors.pass();

    const next = new Scriptless(api);
    const challenge = await next.signIn(user.email);
    expect([challenge.statusCode, headingOf(challenge.body), next.cookie]).toEqual([
      200,
      texts.second_factor.title,
      '',
    ]);
    const mfa_token = hiddenIn(challenge.body, 'mfa_token');
    const bad = await next.post('second-factor', { mfa_token, code: '000000', recovery_code: '' });
    expect([bad.statusCode, hiddenIn(bad.body, 'mfa_token')]).toEqual([401, mfa_token]);
    const empty = await next.post('second-factor', { mfa_token, code: '', recovery_code: '' });
    expect([empty.statusCode, empty.body.includes('id="code-problem"')]).toEqual([422, true]);
    const passed = await next.post('second-factor', { mfa_token, code: await codeOf(secret), recovery_code: '' });
    expect([passed.statusCode, passed.headers.location]).toEqual([303, '/account']);
    expect((await next.get('')).statusCode).toBe(200);

    const last = new Scriptless(api);
    const again = hiddenIn((await last.signIn(user.email)).body, 'mfa_token');
    await last.post('second-factor', { mfa_token: again, code: '', recovery_code: codes[0] ?? '' });
    const list = await last.get('authenticator');
    expect(list.body).toContain(texts.recovery_codes.left(9));
    expect((await last.post('authenticator', { factor_id })).headers.location).toBe('/account/authenticator');
    expect((await last.get('authenticator')).body).toContain(texts.authenticator.none);
    expect((await new Scriptless(api).signIn(user.email)).statusCode).toBe(303);
  });

  it('is reached only after a recent proof', async () => {
    const user = await factors.verified();
    const { code } = await factors.enrol(user);
    const browser = new Scriptless(api);
    const mfa_token = hiddenIn((await browser.signIn(user.email)).body, 'mfa_token');
    await browser.post('second-factor', { mfa_token, code: code() });
    factors.pass();
    expect((await browser.get('recovery-codes')).statusCode).toBe(200);
    await api.sql("update sessions set authenticated_at = now() - interval '10 minutes' where user_id = $1", [user.id]);
    for (const page of ['authenticator', 'add-authenticator', 'recovery-codes']) {
      const led = [await browser.get(page), await browser.post(page, { renew: 'yes' })];
      for (const { statusCode, headers } of led)
        expect([statusCode, headers.location]).toEqual([303, `/account/confirm?next=${page}`]);
    }
    const form = await browser.get('confirm?next=recovery-codes');
    expect([form.statusCode, form.body.includes('name="code"'), form.body.includes('name="password"')]).toEqual([
      200,
      true,
      false,
    ]);
    expect((await browser.post('confirm?next=recovery-codes', { code: '000000' })).statusCode).toBe(401);
    expect((await browser.post('confirm?next=recovery-codes', {})).statusCode).toBe(422);
    const proved = await browser.post('confirm?next=recovery-codes', { code: code() });
    expect([proved.statusCode, proved.headers.location]).toEqual([303, '/account/recovery-codes']);
    const renewed = await browser.post('recovery-codes', { renew: 'yes' });
    expect(renewed.body.match(/<li><code>/g)).toHaveLength(10);
  });

  it('leads a page that another one opens back to it', async () => {
    const browser = new Scriptless(api);
    for (const [page, opener] of [
      ['second-factor', 'sign-in'],
      ['enroll', 'sign-in'],
      ['activate-authenticator', 'add-authenticator'],
    ])
      expect((await browser.get(page ?? '')).headers.location).toBe(`/account/${opener}`);
    const stranger = await browser.post('activate-authenticator', {
      factor_id: '01890000-0000-7000-8000-000000000000',
      code: '123456',
    });
    expect([stranger.statusCode, stranger.body.includes(texts.problems.session_ended)]).toEqual([401, true]);
  });
});
