import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { en } from '../../src/web/pages/texts/en.ts';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { startFactorApi } from '../helpers/authenticator.ts';
import { type Person, startIssuers } from '../helpers/issuer.ts';
import { startOidcProvider } from '../helpers/oidc-provider.ts';
import { headingOf, hiddenIn, Scriptless } from '../helpers/scriptless.ts';
import { settingsOf } from '../helpers/social.ts';

const issuers = await startIssuers();
const real = await startOidcProvider(['http://localhost:8000/auth/oauth/real/callback']);
const factors = startFactorApi({
  ...settingsOf(issuers),
  OIDC_REAL_ISSUER: real.url,
  OIDC_REAL_CLIENT_ID: 'back-client',
  OIDC_REAL_CLIENT_SECRET: 'a secret of the client',
  OIDC_REAL_LABEL: 'Real & Sons',
  RATE_LIMITS: 'false',
});
const { api } = factors;
const closed = startApi({ ...settingsOf(issuers), REGISTRATION: 'closed', RATE_LIMITS: 'false' });
const proving = startApi({ ...settingsOf(issuers), EMAIL_VERIFICATION: 'required', RATE_LIMITS: 'false' });
const texts = en({ product: 'Back API', shortest: 8 });
const { problems } = texts;

afterEach(() => issuers.repent());
afterAll(() => {
  issuers.stop();
  real.stop();
});

let count = 0;
const person = (domain = 'corp.example'): Required<Pick<Person, 'sub' | 'email'>> & Person => {
  const sub = `visitor-${++count}`;
  return { sub, email: `${sub}@${domain}`, email_verified: true };
};
const pathOf = (location: unknown) => String(location).replace('http://localhost:8000', '');
const inHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
/** A browser that comes back from a provider, on the page that the callback leads to. */
async function comeBack(browser: Scriptless, who: Person, { provider = 'corp', query = '' } = {}) {
  const left = await browser.get(`provider?${new URLSearchParams({ provider })}${query}`);
  expect(left.statusCode, left.body).toBe(303);
  const back = await browser.arrive(issuers.authorize(String(left.headers.location), who));
  expect(back.statusCode, back.body).toBe(303);
  return new URL(String(back.headers.location));
}
/** The same up to the end of the form. */
async function signInWith(browser: Scriptless, who: Person, options: { provider?: string; query?: string } = {}) {
  const page = await comeBack(browser, who, options);
  const form = await browser.arrive(page);
  return browser.post(/action="([^"]+)"/.exec(form.body)?.[1]?.replaceAll('&amp;', '&') ?? '', {
    arrival: hiddenIn(form.body, 'arrival'),
  });
}
/** The address of the page that leads to the provider. */
async function beginLink(browser: Scriptless, provider = 'other') {
  const leaving = await browser.post('identities', { provider });
  expect(leaving.statusCode, leaving.body).toBe(200);
  return (/<meta http-equiv="refresh" content="0; url=([^"]+)">/.exec(leaving.body)?.[1] ?? '').replaceAll(
    '&amp;',
    '&',
  );
}
async function linked(browser: Scriptless, who: Person, provider = 'other') {
  const left = await browser.get(await beginLink(browser, provider));
  expect(left.statusCode, left.body).toBe(303);
  return browser.arrive(issuers.authorize(String(left.headers.location), who));
}
const signedIn = async (email: string) => {
  const browser = new Scriptless(api);
  await browser.signIn(email);
  return browser;
};
const state = (on = api) =>
  on.sql(`select (select count(*)::int from users) as users, (select count(*)::int from identities) as identities,
                 (select count(*)::int from sessions) as sessions`);

describe('signing in with a provider', () => {
  it('is offered on both pages by plain links, which keep the language and the page to go on to', async () => {
    for (const page of ['sign-in', 'sign-up']) {
      const { body } = await new Scriptless(api).get(`${page}?locale=de&next=profile`);
      expect(body, page).toContain(
        '<a class="button second" href="/account/provider?locale=de&amp;next=profile&amp;provider=google">Weiter mit Google</a>',
      );
      expect(body, page).toContain('Weiter mit Real &amp; Sons');
      expect(body.match(/account\/provider\?/g), page).toHaveLength(
        (await api.request({ url: '/auth/oauth/providers' })).json().items.length,
      );
    }
  });

  it('goes on at a real issuer in the tab that began first, after another tab began too', async () => {
    const browser = new Scriptless(api);
    const first = await browser.get('provider?provider=real&next=profile');
    await browser.get('provider?provider=real&next=devices');
    const back = await browser.arrive(await real.authorize(String(first.headers.location), person('example.org')));
    const shown = await browser.arrive(new URL(String(back.headers.location)));
    const answer = await browser.post('provider?next=profile', { arrival: hiddenIn(shown.body, 'arrival') });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account/profile']);
    expect(browser.cookie).toMatch(/session=/);
  });

  it('goes to a real issuer and back, and a form of our own starts the session', async () => {
    const who = { ...person('example.org'), name: 'Ada' };
    const browser = new Scriptless(api);
    const left = await browser.get('provider?provider=real&next=profile');
    expect([left.statusCode, String(left.headers.location).startsWith(`${real.url}/auth?`)]).toEqual([303, true]);
    expect(left.headers['set-cookie']).toEqual([
      expect.stringMatching(/^verifier=[\w-]{43}; Max-Age=660; Path=\/; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^oauth=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const back = await browser.arrive(await real.authorize(String(left.headers.location), who));
    const page = new URL(String(back.headers.location));
    expect([page.origin, page.pathname, [...page.searchParams.keys()]]).toEqual([
      'http://localhost:8000',
      '/account/provider',
      ['next', 'code'],
    ]);
    const before = await state();
    // A page that is loaded again spends nothing.
    await browser.arrive(page);
    const shown = await browser.arrive(page);
    expect([shown.statusCode, headingOf(shown.body), shown.headers['set-cookie']]).toEqual([
      200,
      texts.provider.arrived_title,
      undefined,
    ]);
    expect(shown.body).toContain('<form method="post" action="/account/provider?next=profile"');
    expect(await state()).toEqual(before);
    const code = hiddenIn(shown.body, 'arrival');
    const answer = await browser.post('provider?next=profile', { arrival: code });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account/profile']);
    expect(browser.cookie).toMatch(/^session=/);
    expect(browser.named('verifier')).toBe('');
    const account = await browser.get('');
    expect([account.statusCode, account.body.replaceAll('<wbr>', '').includes(who.email)]).toEqual([200, true]);
    expect((await browser.get('provider?provider=real&next=devices')).headers.location).toBe('/account/devices');

    // The code is spent.
    const late = new Scriptless(api);
    await late.get('provider?provider=real');
    const again = await late.post('provider', { arrival: code });
    expect([again.statusCode, again.body.includes(problems.sign_in_expired), late.cookie]).toEqual([400, true, '']);
    expect(again.body).toContain('href="/account/sign-in"');
    expect(again.body).not.toContain('data-arrival');
  });

  it('does not end in a browser that did not begin it, nor by a form of another site', async () => {
    const who = person();
    const browser = new Scriptless(api);
    const page = await comeBack(browser, who);
    const code = page.searchParams.get('code') ?? '';
    const before = await state();
    const stranger = await new Scriptless(api).post('provider', { arrival: code });
    expect([stranger.statusCode, stranger.body.includes(problems.sign_in_expired)]).toEqual([400, true]);
    const foreign = await browser.post('provider', { arrival: code }, { 'sec-fetch-site': 'cross-site' });
    expect([foreign.statusCode, foreign.body.includes(problems.cross_site_request)]).toEqual([403, true]);
    expect(await state()).toEqual(before);
    // Neither has spent the code.
    expect((await browser.post('provider', { arrival: code })).statusCode).toBe(303);
  });

  it('asks an account with an authenticator app for its code', async () => {
    const user = await factors.verified();
    const who = { ...person(), email: user.email };
    await linked(await signedIn(user.email), who);
    const { code } = await factors.enrol(user);
    const browser = new Scriptless(api);
    const challenge = await signInWith(browser, who, { provider: 'other', query: '&next=profile' });
    expect([challenge.statusCode, headingOf(challenge.body), browser.cookie]).toEqual([
      200,
      texts.second_factor.title,
      '',
    ]);
    const mfa_token = hiddenIn(challenge.body, 'mfa_token');
    const passed = await browser.post('second-factor?next=profile', { mfa_token, code: code() });
    expect([passed.statusCode, passed.headers.location]).toEqual([303, '/account/profile']);
    factors.pass();
  });

  it.each([
    ['access_denied', 'sign-in', 'the person cancels', async (back: URL) => denied(back, 'access_denied')],
    ['provider_error', 'sign-in', 'the provider fails', async (back: URL) => denied(back, 'server_error')],
    [
      'provider_error',
      'sign-in',
      'the provider’s token is not true',
      async (back: URL) => {
        issuers.lie('other', { claims: (claims) => ({ ...claims, aud: 'another client' }) });
        return back;
      },
    ],
    [
      'provider_error',
      'sign-in',
      'the provider breaks off',
      async (back: URL) => {
        issuers.lie('other', { answer: { token: (response) => void response.destroy() } });
        return back;
      },
    ],
  ] as const)('says in a sentence, and with a way on, %s → %s: %s', async (reason, way, _case, meet) => {
    const browser = new Scriptless(api);
    const before = await state();
    const left = await browser.get('provider?provider=other&next=profile');
    const back = await browser.arrive(await meet(issuers.authorize(String(left.headers.location), person())));
    await expectRefusal(browser, back.headers.location, { reason, way: `/account/${way}?next=profile` });
    expect(await state()).toEqual(before);
  });

  it.each([
    [
      'identity_confirmation_required',
      '/account/sign-in?next=identities',
      async () => ({ ...person(), email: (await api.user()).email }),
    ],
    ['email_missing', '/account/sign-in', async () => ({ sub: person().sub })],
  ] as const)('opens nothing by %s, and says what to do', async (reason, way, make) => {
    const who = await make();
    const before = await state();
    const browser = new Scriptless(api);
    const page = await comeBack(browser, who, { provider: 'other' });
    await expectRefusal(browser, page.href, { reason, way });
    expect(await state()).toEqual(before);
  });

  it('opens nothing for a disabled account, or where no account is opened', async () => {
    const who = person();
    await signInWith(new Scriptless(api), who);
    await api.sql('update users set is_active = false where email = $1', [who.email]);
    const browser = new Scriptless(api);
    await expectRefusal(browser, (await comeBack(browser, who)).href, {
      reason: 'account_disabled',
      way: '/account/sign-in',
    });
    const refused = new Scriptless(closed);
    await expectRefusal(refused, (await comeBack(refused, person())).href, {
      reason: 'registration_closed',
      way: '/account/sign-in',
    });
    expect(await state(closed)).toEqual([{ users: 0, identities: 0, sessions: 0 }]);
    expect((await refused.get('provider?error=no-such-thing')).body).toContain(inHtml(problems.provider_error));
  });

  it('wants the address verified where the installation does', async () => {
    const browser = new Scriptless(proving);
    const answer = await signInWith(browser, person('example.org'));
    expect([answer.statusCode, answer.body.includes(problems.email_unverified)]).toEqual([403, true]);
    expect(answer.body).toContain('href="/account/request-verification"');
    expect(await state(proving)).toEqual([{ users: 1, identities: 1, sessions: 0 }]);
    // A provider with authority over the domain verifies it.
    expect((await signInWith(browser, person())).statusCode).toBe(303);
  });

  it('tells a provider that is down, or that there is none of, before anybody leaves', async () => {
    for (const [provider, status, text] of [
      ['gone', 503, problems.provider_unavailable],
      ['nobody', 404, problems.provider_not_found],
      ['', 404, problems.provider_not_found],
    ] as const) {
      const answer = await new Scriptless(api).get(`provider?provider=${provider}&next=profile`);
      expect([answer.statusCode, headingOf(answer.body)], provider).toEqual([status, texts.provider.title]);
      expect(answer.body, provider).toContain(inHtml(text));
      expect(answer.body, provider).toContain('href="/account/sign-in?next=profile"');
      expect(answer.headers['set-cookie'], provider).toBeUndefined();
    }
    expect((await new Scriptless(api).get('provider?next=profile')).headers.location).toBe(
      '/account/sign-in?next=profile',
    );
  });

  it('tells a person who comes back too late, or twice, on a page; a program gets problem+json', async () => {
    const browser = new Scriptless(api);
    const left = await browser.get('provider?provider=corp');
    const back = issuers.authorize(String(left.headers.location), person());
    expect((await browser.arrive(back)).statusCode).toBe(303);
    const again = await browser.arrive(back);
    expect([again.statusCode, again.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    expect(again.headers['content-security-policy']).toContain("style-src 'self'");
    expect(again.body).toContain(problems.sign_in_expired);
    expect(again.body).toContain('href="/account/sign-in"');
    expect(again.body).not.toContain('<form');
    const program = await api.request({ url: back.pathname + back.search });
    expect([program.statusCode, program.json().code]).toEqual([400, 'oauth_state_invalid']);
  });
});

describe('the linked accounts', () => {
  it('are listed, linked and unlinked, but not the last way in', async () => {
    const user = await api.user();
    const who = person('example.org');
    const browser = await signedIn(user.email);
    expect((await browser.get('')).body).toContain(`<a href="/account/identities">${texts.identities.title}</a>`);
    const empty = await browser.get('identities');
    expect([empty.statusCode, empty.body.includes(texts.identities.none)]).toEqual([200, true]);
    const back = await linked(browser, who, 'google');
    expect(pathOf(back.headers.location)).toBe('/account/provider?linked=google');
    const done = await browser.arrive(new URL(String(back.headers.location)));
    expect([done.statusCode, headingOf(done.body)]).toEqual([200, texts.provider.linked_title]);
    expect(done.body).toContain('<meta http-equiv="refresh" content="0; url=/account/identities">');
    expect(done.body).toContain(inHtml(texts.provider.linked('Google')));
    const list = await browser.get('identities');
    expect(list.body).toContain('<strong>Google</strong>');
    expect(list.body.replaceAll('<wbr>', '')).toContain(who.email);
    expect((await signInWith(new Scriptless(api), who, { provider: 'google' })).statusCode).toBe(303);

    const identity_id = hiddenIn(list.body, 'identity_id');
    await api.sql('update users set password_hash = null where id = $1', [user.id]);
    const last = await browser.post('identities', { identity_id });
    expect([last.statusCode, last.body.includes(problems.last_login_method)]).toEqual([409, true]);
    expect(await api.sql('select 1 from identities where user_id = $1', [user.id])).toHaveLength(1);
    await api.sql(`update users set password_hash = 'x' where id = $1`, [user.id]);
    expect((await browser.post('identities', { identity_id })).headers.location).toBe('/account/identities');
    expect(await api.sql('select 1 from identities where user_id = $1', [user.id])).toEqual([]);
    const gone = await browser.post('identities', { identity_id });
    expect([gone.statusCode, gone.body.includes(problems.gone)]).toEqual([404, true]);
  });

  it('are reached only after a recent proof, and by no form of another site', async () => {
    const user = await api.user();
    const browser = await signedIn(user.email);
    const before = await state();
    const foreign = await browser.post('identities', { provider: 'google' }, { 'sec-fetch-site': 'cross-site' });
    expect([foreign.statusCode, foreign.body.includes('http-equiv')]).toEqual([403, false]);
    await api.sql("update sessions set authenticated_at = now() - interval '10 minutes' where user_id = $1", [user.id]);
    for (const answer of [await browser.get('identities'), await browser.post('identities', { provider: 'google' })])
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account/confirm?next=identities']);
    const proved = await browser.post('confirm?next=identities', { password: PASSWORD });
    expect(proved.headers.location).toBe('/account/identities');
    expect((await browser.get('identities')).statusCode).toBe(200);
    expect(await state()).toEqual(before);
  });

  it('are linked by the session that asked alone, once', async () => {
    const [owner, other] = [await api.user(), await api.user()];
    const browser = await signedIn(owner.email);
    const address = await beginLink(browser);
    const nobody = await new Scriptless(api).get(address);
    expect([nobody.statusCode, nobody.body.includes(problems.session_ended)]).toEqual([401, true]);
    const stranger = await (await signedIn(other.email)).get(address);
    expect([stranger.statusCode, stranger.body.includes(problems.sign_in_expired)]).toEqual([400, true]);
    expect((await browser.get(address)).statusCode).toBe(303);
    expect((await browser.get(address)).statusCode).toBe(400);
    const unknown = await browser.post('identities', { provider: 'nobody' });
    expect([unknown.statusCode, unknown.body.includes(problems.provider_not_found)]).toEqual([404, true]);
  });

  it('do not take one that belongs to another account', async () => {
    const who = person('example.org');
    await signInWith(new Scriptless(api), who, { provider: 'other' });
    const browser = await signedIn((await api.user()).email);
    const before = await state();
    const back = await linked(browser, who);
    await expectRefusal(browser, back.headers.location, { reason: 'identity_taken', way: '/account/identities' });
    expect(await state()).toEqual(before);
  });
});

describe('without a provider', () => {
  const bare = startApi({ RATE_LIMITS: 'false' });

  it('no page mentions one', async () => {
    const { email } = await bare.user();
    const browser = new Scriptless(bare);
    for (const page of ['sign-in', 'sign-up']) expect((await browser.get(page)).body).not.toContain('provider');
    await browser.signIn(email);
    expect((await browser.get('')).body).not.toContain('identities');
    const list = await browser.get('identities');
    expect([list.statusCode, list.body.includes('name="provider"')]).toEqual([200, false]);
  });
});

async function expectRefusal(
  browser: Scriptless,
  location: unknown,
  { reason, way }: { reason: keyof typeof problems; way: string },
): Promise<void> {
  expect(pathOf(location)).toContain(`error=${reason}`);
  const { cookie } = browser;
  const page = await browser.arrive(new URL(String(location)));
  expect([page.statusCode, headingOf(page.body)]).toEqual([200, problems.title]);
  expect(page.body).toContain(inHtml(problems[reason]));
  expect(page.body).toContain(`<a class="button" href="${way}">`);
  expect(browser.cookie).toBe(cookie);
}

function denied(back: URL, error: string): URL {
  const denial = new URL(back);
  denial.searchParams.delete('code');
  denial.searchParams.set('error', error);
  return denial;
}
