import { describe, expect, it } from 'vitest';
import { pagesOf } from '../../src/web/pages/registry.ts';
import { en } from '../../src/web/pages/texts/en.ts';
import { startMailingApi } from '../helpers/account-mails.ts';
import { PASSWORD } from '../helpers/api.ts';
import { liveRoutes } from '../helpers/operations.ts';

const { api, mailOf, mailsTo } = await startMailingApi({
  PUBLIC_URL: 'https://api.example.com',
  LIMIT_MAILS_PER_IP: '1000/1m',
  EMAIL_LOGIN: 'true',
});
const NEW_PASSWORD = 'another horse, another staple';
const texts = en({ product: 'Back API', shortest: 8 });

/** A form as a browser without script posts it: every input, the empty ones too. */
const post = (page: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  api.request({
    method: 'POST',
    url: `/account/${page}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
const get = (url: string, headers: Record<string, string> = {}) => api.request({ url, headers });
const statusOfLogin = async (email: string, password: string) =>
  (await api.request({ method: 'POST', url: '/auth/login', payload: { email, password } })).statusCode;
const stateOf = async (email: string) =>
  (
    await api.sql<{ verified: boolean; password: boolean; sessions: number }>(
      `select email_verified_at is not null as verified, password_hash is not null as password,
              (select count(*)::int from sessions where user_id = users.id) as sessions from users where email = $1`,
      [email],
    )
  )[0];
/** The sentences that a page shows at its fields, by the field's name. */
const problemsIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<p class="problem" id="(\w+)-problem">([^<]*)<\/p>/g)].map(([, field, text]) => [field, text]),
  );
const inputsOf = (html: string): Record<string, string>[] =>
  [...html.matchAll(/<input ([^>]*)>/g)].map(([, attributes = '']) =>
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  );
const headingOf = (html: string) => /<h1>([^<]*)<\/h1>/.exec(html)?.[1];
/** Those that a person without a session reaches by their address. */
const urls = pagesOf({ email_login: true })
  .filter(({ access, opened_by }) => opened_by === undefined && (access === undefined || access === 'signed_out'))
  .map(({ path }) => `/account/${path}`);

describe("a provider's address without a provider", () => {
  it.each(['GET', 'POST'] as const)('answers a browser to %s with a page that its document names', async (method) => {
    const url = '/auth/oauth/none/callback';
    const answer = await api.request({
      method,
      url: `${url}?error=x`,
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      ...(method === 'POST' && { payload: 'error=x' }),
    });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(answer.body).not.toContain('<form');
    const document = (await get('/openapi.json')).json();
    const operation = document.paths['/auth/oauth/{provider}/callback'][method.toLowerCase()];
    const name = operation.responses[404].$ref.split('/').at(-1);
    expect(Object.keys(document.components.responses[name].content)).toEqual(['application/problem+json', 'text/html']);
  });
});

describe('every page', () => {
  it.each(urls)(
    '%s loads two files of this host alone, may not be framed or kept, and tells no other site',
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      });
      expect(answer.body).not.toMatch(/ style=|<style|<script>| on\w+=|https?:/);
      const files = [...answer.body.matchAll(/(?:src|href)="(\/account\/assets\/[^"]+)"/g)].map(
        ([, file = '']) => file,
      );
      expect(files).toHaveLength(2);
      for (const file of files) {
        const asset = await get(file);
        expect([asset.statusCode, asset.headers['cache-control']]).toEqual([
          200,
          'public, max-age=31536000, immutable',
        ]);
        expect(asset.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
      }
    },
  );

  it.each(urls)('%s is written in the language of ?locale=, or the browser’s, or the default one', async (url) => {
    const languageOf = async (query: string, accepted: string) =>
      /<html lang="(\w\w)">/.exec((await get(url + query, { 'accept-language': accepted })).body)?.[1];
    expect(await languageOf('?locale=pl', 'fr')).toBe('pl');
    expect(await languageOf('?locale=xx', 'xx, fr-CA;q=0.8')).toBe('fr');
    expect(await languageOf('', 'xx')).toBe('en');
    expect((await get(`${url}?locale=de`)).body).toContain('href="/account?locale=de"');
  });

  it.each(urls)('%s names what is missing at its field, and changes nothing', async (url) => {
    const answer = await post(url.replace('/account/', ''), {});
    expect(answer.statusCode).toBe(422);
    const problems = problemsIn(answer.body);
    expect(Object.keys(problems).length).toBeGreaterThan(0);
    for (const [field, text] of Object.entries(problems)) {
      expect(text).toBe(texts.problems.missing);
      expect(answer.body).toMatch(new RegExp(`<li><a href="#${field}">[^<]+: ${text}</a></li>`));
      const input = inputsOf(answer.body).find(({ id }) => id === field);
      expect(input).toMatchObject({ 'aria-invalid': 'true' });
      expect(input?.['aria-describedby']).toContain(`${field}-problem`);
    }
    expect(answer.body).toContain('role="alert" aria-labelledby="problems" tabindex="-1" autofocus');
    expect(answer.body).toContain(`<title>${texts.problems.title}: `);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://api.example.com' }],
    ['no page at all', { 'sec-fetch-site': 'none' }],
    ['an old browser at another site', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['an old browser that hides its origin', { 'sec-fetch-site': '', origin: 'null' }],
    ['a program', { 'sec-fetch-site': '' }],
  ])('takes no form from %s, and nothing changes', async (_from, sent) => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    const { 'sec-fetch-site': site, ...others } = sent;
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', ...others };
    if (site !== '') headers['sec-fetch-site'] = site;
    const answer = await api.request({
      method: 'POST',
      url: '/account/verify',
      headers,
      payload: new URLSearchParams({ token, password: PASSWORD }).toString(),
    });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(answer.body).toContain(texts.problems.cross_site_request);
    expect(answer.body).not.toContain(token);
    expect(await stateOf(user.email)).toEqual({ verified: false, password: true, sessions: 1 });
  });

  it('takes one from an old browser that names our origin', async () => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    const answer = await api.request({
      method: 'POST',
      url: '/account/verify',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://api.example.com' },
      payload: new URLSearchParams({ token, password: PASSWORD }).toString(),
    });
    expect(answer.statusCode).toBe(200);
    expect((await stateOf(user.email))?.verified).toBe(true);
  });

  it('answers a body that is no form, a long one and a double input with a page, and escapes what was sent', async () => {
    const json = await post('forgot-password', {}, { 'content-type': 'application/json' });
    expect([json.statusCode, headingOf(json.body)]).toEqual([415, texts.forgot_password.title]);
    const long = await post('forgot-password', { email: 'a'.repeat(10_000) });
    expect([long.statusCode, headingOf(long.body)]).toEqual([413, texts.forgot_password.title]);
    const marked = await post('forgot-password', { email: '"><script>alert(1)</script>' });
    expect(marked.statusCode).toBe(422);
    expect(problemsIn(marked.body)).toEqual({ email: texts.problems.email });
    expect(marked.body).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    const double = await api.request({
      method: 'POST',
      url: '/account/forgot-password',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      payload: 'email=a@example.com&email=b@example.com',
    });
    expect(double.statusCode).toBe(422);
  });

  it('is not there without PAGES_ENABLED', async () => {
    const routes = await liveRoutes({ PAGES_ENABLED: 'false' });
    expect(routes.filter(({ url }) => url.startsWith('/account'))).toEqual([]);
  });
});

describe('a forgotten password', () => {
  it('is asked for by its address and set by the code, and the page says alike for a stranger', async () => {
    const user = await api.user();
    const known = await post('forgot-password', { email: user.email });
    const unknown = await post('forgot-password', { email: 'nobody@example.com' });
    expect([known.statusCode, unknown.statusCode]).toEqual([200, 200]);
    const withoutBreaks = (body: string) => body.replaceAll('<wbr>', '');
    expect(withoutBreaks(unknown.body).replaceAll('nobody@example.com', user.email)).toBe(withoutBreaks(known.body));
    expect(headingOf(known.body)).toBe(texts.forgot_password.done_title);
    const { code } = await mailOf(user.email, 'reset_password');
    const spaced = `${code.slice(0, 4)} ${code.slice(4)}`;
    const answer = await post('reset-password', { token: '', email: user.email, code: spaced, password: NEW_PASSWORD });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.reset_password.done_title]);
    expect(await statusOfLogin(user.email, NEW_PASSWORD)).toBe(200);
    expect((await mailsTo('nobody@example.com')).length).toBe(0);
  });

  it('keeps the token through a mistake in the password, and gives no password back', async () => {
    const user = await api.user();
    await post('forgot-password', { email: user.email });
    const { token } = await mailOf(user.email, 'reset_password');
    for (const [password, problem] of [
      ['short', texts.problems.password_too_short],
      ['password123', texts.problems.password_too_common],
    ] as const) {
      const refused = await post('reset-password', { token, email: '', code: '', password });
      expect(refused.statusCode).toBe(422);
      expect(problemsIn(refused.body)).toEqual({ password: problem });
      expect(refused.body).toContain(`name="token" value="${token}"`);
      expect(refused.body).not.toContain(`value="${password}"`);
    }
    expect(await statusOfLogin(user.email, PASSWORD)).toBe(200);
    expect((await post('reset-password', { token, password: NEW_PASSWORD })).statusCode).toBe(200);
    const again = await post('reset-password', { token, password: 'a third horse and a staple' });
    expect([again.statusCode, headingOf(again.body)]).toEqual([400, texts.reset_password.title]);
    expect(again.body).toContain(texts.problems.one_time_token_invalid);
    expect(again.body).not.toContain(token);
    expect(await statusOfLogin(user.email, NEW_PASSWORD)).toBe(200);
  });

  it('is asked for as often as by the API: the page shares its limit', async () => {
    const user = await api.user();
    await api.request({ method: 'POST', url: '/auth/forgot-password', payload: { email: user.email } });
    const limited = await post('forgot-password', { email: user.email });
    expect([limited.statusCode, Number(limited.headers['retry-after']) > 0]).toEqual([429, true]);
    expect(limited.body).toContain(texts.problems.rate_limited);
    expect((await mailsTo(user.email)).filter(({ kind }) => kind === 'reset_password')).toHaveLength(1);
  });
});

describe('the verification of an address', () => {
  it('keeps the password of the person who brings it', async () => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    const wrong = await post('verify', { token, password: 'not my password' });
    expect([wrong.statusCode, problemsIn(wrong.body)]).toEqual([401, { password: texts.problems.invalid_credentials }]);
    const absent = await post('verify', { token, password: '' });
    expect([absent.statusCode, problemsIn(absent.body)]).toEqual([422, { password: texts.problems.missing }]);
    expect(await stateOf(user.email)).toEqual({ verified: false, password: true, sessions: 1 });
    const answer = await post('verify', { token, password: PASSWORD });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.verify.done_title]);
    expect(await stateOf(user.email)).toEqual({ verified: true, password: true, sessions: 1 });
  });

  it('L8: drops the password and the sessions at “I did not set one”, and says what to do next', async () => {
    const user = await api.user();
    const { code } = await mailOf(user.email, 'verify_email');
    const answer = await post('verify', { token: '', email: user.email, code, password: '', without_password: 'yes' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(texts.verify.done_without);
    expect(answer.body).toContain('href="/account/forgot-password"');
    expect(await stateOf(user.email)).toEqual({ verified: true, password: false, sessions: 0 });
  });

  it('is asked for again', async () => {
    const user = await api.user();
    const first = await mailOf(user.email, 'verify_email');
    const answer = await post('request-verification', { email: user.email });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.forgot_password.done_title]);
    const second = await mailOf(user.email, 'verify_email');
    expect(await mailsTo(user.email)).toHaveLength(2);
    expect((await post('verify', { token: first.token, password: PASSWORD })).statusCode).toBe(400);
    expect((await post('verify', { token: second.token, password: PASSWORD })).statusCode).toBe(200);
  });

  it('L9: is not done by GET or HEAD', async () => {
    const user = await api.user();
    const { token } = await mailOf(user.email, 'verify_email');
    for (const method of ['GET', 'HEAD'] as const)
      expect((await api.request({ method, url: `/account/verify?token=${token}` })).statusCode).toBe(200);
    expect((await stateOf(user.email))?.verified).toBe(false);
  });
});

describe('a change of the address', () => {
  const change = async (email: string, token: string, to: string) => {
    const answer = await api.request({
      method: 'POST',
      url: '/auth/me/email',
      token,
      payload: { email: to, password: PASSWORD },
    });
    expect(answer.statusCode).toBe(202);
    return { confirm: await mailOf(to, 'confirm_email_change'), notice: await mailOf(email, 'email_change_notice') };
  };

  it('is confirmed by the code of the new mailbox, and undone by the link of the former one', async () => {
    const user = await api.user();
    const { confirm, notice } = await change(user.email, user.access_token, 'confirmed@example.org');
    const taken = await post('confirm-email-change', { token: '', email: 'confirmed@example.org', code: confirm.code });
    expect([taken.statusCode, headingOf(taken.body)]).toEqual([200, texts.confirm_email_change.done_title]);
    expect(taken.body.replaceAll('<wbr>', '')).toContain('confirmed@example.org');
    expect(await statusOfLogin('confirmed@example.org', PASSWORD)).toBe(200);
    const again = await post('confirm-email-change', { token: confirm.token });
    expect([again.statusCode, headingOf(again.body)]).toEqual([400, texts.confirm_email_change.title]);
    const undone = await post('undo-email-change', { token: notice.token });
    expect([undone.statusCode, headingOf(undone.body)]).toEqual([200, texts.undo_email_change.done_title]);
    expect(await stateOf(user.email)).toMatchObject({ sessions: 0 });
    expect(await stateOf('confirmed@example.org')).toBeUndefined();
  });

  it('L9: is neither confirmed nor undone by GET', async () => {
    const user = await api.user();
    const { confirm, notice } = await change(user.email, user.access_token, 'unopened@example.org');
    await get(`/account/confirm-email-change?token=${confirm.token}`);
    await get(`/account/undo-email-change?token=${notice.token}`);
    expect(await stateOf(user.email)).toMatchObject({ sessions: 1 });
    expect((await post('confirm-email-change', { token: confirm.token })).statusCode).toBe(200);
  });
});

describe('an invitation', () => {
  it('is accepted with a password, and a mistake leaves it usable', async () => {
    const { access_token: token } = await api.admin();
    const email = 'invited@example.com';
    const invited = await api.request({ method: 'POST', url: '/users/invitations', token, payload: { email } });
    expect(invited.statusCode).toBe(201);
    const mail = await mailOf(email, 'invitation');
    expect((await get(`/account/accept-invitation?token=${mail.token}`)).statusCode).toBe(200);
    const form = { token: mail.token, link: '', name: 'Ida Invited' };
    const refused = await post('accept-invitation', { ...form, password: 'short' });
    expect(problemsIn(refused.body)).toEqual({ password: texts.problems.password_too_short });
    expect(inputsOf(refused.body).find(({ id }) => id === 'name')).toMatchObject({ value: 'Ida Invited' });
    expect(await stateOf(email)).toEqual({ verified: false, password: false, sessions: 0 });
    const answer = await post('accept-invitation', { ...form, password: NEW_PASSWORD });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.accept_invitation.done_title]);
    expect(await stateOf(email)).toMatchObject({ verified: true, password: true });
    expect(await statusOfLogin(email, NEW_PASSWORD)).toBe(200);
    expect((await post('accept-invitation', { ...form, password: NEW_PASSWORD })).statusCode).toBe(400);
  });
});

describe('“this was not me”', () => {
  it('secures the account by the pasted address of the link', async () => {
    const user = await api.user();
    const changed = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload: changed });
    const { text } = await mailOf(user.email, 'notice.password.changed');
    const [link = ''] = /https:\S+\/account\/secure-account#token=\S+/.exec(text) ?? [];
    const answer = await post('secure-account', { token: '', link });
    expect([answer.statusCode, headingOf(answer.body)]).toEqual([200, texts.secure_account.done_title]);
    expect(await stateOf(user.email)).toMatchObject({ password: false, sessions: 0 });
  });
});

describe('the link of a mail', () => {
  it('leads to a page, which is told the mail’s language if it is not the default one', async () => {
    const user = await api.user();
    await api.request({
      method: 'POST',
      url: '/auth/forgot-password',
      payload: { email: user.email },
      headers: { 'accept-language': 'it' },
    });
    const mail = await mailOf(user.email, 'reset_password');
    const [link = ''] = /https:\S+#token=\S+/.exec(mail.text) ?? [];
    const { pathname, search, hash } = new URL(link);
    expect([pathname, search]).toEqual(['/account/reset-password', '?locale=it']);
    expect(hash).toBe(`#token=${mail.token}`);
    expect((await get(pathname + search)).body).toContain('<html lang="it">');
  });
});
