import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD } from '../../../helpers/api.ts';
import { startReplica } from '../../../helpers/replicas.ts';
import { browserOf, startSocialApi } from '../../../helpers/social.ts';

const { api, issuers, depart, arrive, visit, exchange, signIn } = await startSocialApi();
const required = startReplica(api, { email_verification: 'required' });
const closed = startReplica(api, { registration: 'closed' });

let count = 0;
const person = (domain = 'corp.example') => {
  const sub = `person-${++count}`;
  return { sub, email: `${sub}@${domain}`, email_verified: true, name: 'Ada Lovelace' };
};
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];
const meOf = async (answer: { statusCode: number; body: string; json: () => { access_token: string } }) => {
  expect(answer.statusCode, answer.body).toBe(200);
  return (await api.request({ url: '/auth/me', token: answer.json().access_token })).json();
};
const verified = async (email: string) => {
  const user = await api.user({ email });
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  return user;
};
const eventsOf = async (id: string) =>
  (await api.sql<{ event: string }>('select event from audit_events where subject_id = $1 order by id', [id])).map(
    ({ event }) => event,
  );
const noticesTo = async (email: string) =>
  (
    await api.sql<{ kind: string }>(
      `select payload->>'kind' as kind from jobs where payload->>'to' = $1 and payload->>'kind' like 'notice.identity%' order by id`,
      [email],
    )
  ).map(({ kind }) => kind);
/** All that a sign-in could have changed. */
const state = () =>
  api.sql(`select (select count(*)::int from users) as users, (select count(*)::int from sessions) as sessions,
    (select json_agg(i order by id) from (select id, user_id, issuer, subject from identities) i) as identities`);

describe('GET /auth/oauth/providers', () => {
  it('lists what is configured, with its label, and asks nobody', async () => {
    const before = issuers.asked.length;
    const { items } = (await api.request({ url: '/auth/oauth/providers' })).json();
    expect(items.slice(0, 3)).toEqual([
      { id: 'google', label: 'Google' },
      { id: 'microsoft', label: 'Microsoft' },
      { id: 'apple', label: 'Apple' },
    ]);
    expect(items).toContainEqual({ id: 'corp', label: 'Corp' });
    expect(items.map(({ id }: { id: string }) => id)).not.toContain('github');
    expect(issuers.asked).toHaveLength(before);
  });
});

describe('GET /auth/oauth/{provider}/start', () => {
  it('sends the browser to the provider with state, nonce and PKCE, and keeps them sealed in a Lax cookie', async () => {
    const url = `/auth/oauth/corp/start?code_challenge=${'a'.repeat(43)}`;
    const answer = await api.request({ url });
    expect(answer.statusCode).toBe(303);
    const location = new URL(String(answer.headers.location));
    expect(location.origin + location.pathname).toBe(`${issuers.url}/corp/authorize`);
    const query = Object.fromEntries(location.searchParams);
    expect(query).toMatchObject({
      response_type: 'code',
      scope: 'openid email profile',
      redirect_uri: 'http://localhost:8000/auth/oauth/corp/callback',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(query.code_challenge).not.toBe('a'.repeat(43));
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^oauth=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const secret of [query.state, query.nonce]) expect(cookie).not.toContain(secret);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('asks Apple to post its answer, for name and address', async () => {
    const query = new URL((await depart('apple')).location).searchParams;
    expect([query.get('response_mode'), query.get('scope')]).toEqual(['form_post', 'openid email name']);
  });

  it.each([
    'https://app.example.com/signed-in/',
    'https://app.example.com/signed-in?x=1',
    'https://app.example.com.evil.example/signed-in',
    'https://evil.example/?https://app.example.com/signed-in',
    '//app.example.com/signed-in',
    'javascript:alert(1)',
    'HTTPS://APP.EXAMPLE.COM/signed-in',
    'https://app.example.com/signed-in%23',
  ])('answers 422 for the redirect %s, and sets no cookie', async (redirect_to) => {
    const query = new URLSearchParams({ redirect_to, code_challenge: 'a'.repeat(43) });
    const answer = await api.request({ url: `/auth/oauth/corp/start?${query}` });
    expect(brief(answer)).toEqual([422, 'validation_failed']);
    expect(answer.json().errors[0].loc).toEqual(['query', 'redirect_to']);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it.each(['', `code_challenge=${'a'.repeat(42)}`, `code_challenge=${'a'.repeat(43)}&code_challenge_method=plain`])(
    'answers 422 without PKCE by S256: "%s"',
    async (query) => {
      expect((await api.request({ url: `/auth/oauth/corp/start?${query}` })).statusCode).toBe(422);
    },
  );

  it('answers 404 for a provider that is not configured', async () => {
    for (const id of ['github', 'nobody', '__proto__'])
      expect(brief(await api.request({ url: `/auth/oauth/${id}/start?code_challenge=${'a'.repeat(43)}` }))).toEqual([
        404,
        'provider_not_found',
      ]);
  });
});

describe('a sign-in with a provider', () => {
  it('opens an account whose address is verified by the provider that has authority over it', async () => {
    const ada = person();
    const arrived = await visit('corp', ada);
    expect(arrived.found).toEqual({ code: expect.stringMatching(/^[\w-]{54}$/) });
    const pair = await exchange(arrived);
    expect(await meOf(pair)).toMatchObject({
      email: ada.email,
      name: 'Ada Lovelace',
      email_verified: true,
      has_password: false,
    });
    const { sub, amr, acr } = claimsOf(pair.json().access_token);
    expect([amr, acr]).toEqual([['fed'], '1']);
    expect(await eventsOf(String(sub))).toEqual(['user.registered', 'email.verified', 'session.started']);
    const kept = await api.sql('select * from identities where user_id = $1', [sub]);
    expect(kept).toMatchObject([
      { provider: 'corp', issuer: `${issuers.url}/corp`, subject: ada.sub, email: ada.email },
    ]);
  });

  it('opens one whose address is not verified, with a mail that verifies it, by any other provider', async () => {
    const ada = person('elsewhere.example');
    expect(await meOf(await signIn('other', ada))).toMatchObject({ email: ada.email, email_verified: false });
    const mails = await api.sql(`select from jobs where payload->>'to' = $1 and payload->>'kind' = 'verify_email'`, [
      ada.email,
    ]);
    expect(mails).toHaveLength(1);
  });

  it.each([
    ['google', 'gmail.com', {}, true],
    ['google', 'firm.example', { hd: 'firm.example' }, true],
    ['google', 'firm.example', { hd: 'other.example' }, false],
    ['google', 'firm.example', {}, false],
    ['google', 'gmail.com', { email_verified: 'true' }, false],
    ['google', 'gmail.com', { email_verified: false }, false],
    ['corp', 'corp.example', { email_verified: undefined }, false],
    ['corp', 'sub.corp.example', {}, false],
    ['microsoft', 'firm.example', {}, false],
    ['apple', 'icloud.com', { email_verified: 'true' }, false],
  ])('%s proves an address at %s with %j: %s', async (provider, domain, more, is_proved) => {
    const me = await meOf(await signIn(provider, { ...person(domain), ...more }));
    expect(me.email_verified).toBe(is_proved);
  });

  it('takes the address from the userinfo endpoint if the id token has none', async () => {
    const ada = person();
    issuers.lie('corp', { thin: true });
    expect(await meOf(await signIn('corp', ada))).toMatchObject({ email: ada.email, email_verified: true });
  });

  it('comes back to the account of the subject, whatever its address is by now', async () => {
    const ada = person();
    const first = await meOf(await signIn('corp', ada));
    const again = await meOf(await signIn('corp', { ...ada, email: 'renamed@corp.example' }));
    expect(again).toMatchObject({ id: first.id, email: ada.email });
    expect(await meOf(await signIn('corp', { sub: ada.sub } as never))).toMatchObject({ id: first.id });
    expect(await api.sql('select email from identities where subject = $1', [ada.sub])).toEqual([
      { email: 'renamed@corp.example' },
    ]);
  });

  it('links itself to a verified account by the provider that has authority over its address, and tells the account', async () => {
    const ada = person();
    const user = await verified(ada.email);
    expect(await meOf(await signIn('corp', ada))).toMatchObject({ id: user.id, has_password: true });
    expect(await eventsOf(user.id)).toContain('identity.linked');
    expect(await noticesTo(ada.email)).toEqual(['notice.identity.linked']);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
  });

  it('L16: is told to confirm by the account’s own way in, if another issuer names the address', async () => {
    const ada = person();
    await verified(ada.email);
    const before = await state();
    for (const provider of ['other', 'microsoft', 'apple', 'google'])
      expect((await visit(provider, ada)).found).toEqual({ error: 'identity_confirmation_required' });
    expect((await visit('corp', { ...ada, email_verified: 'true' })).found).toEqual({
      error: 'identity_confirmation_required',
    });
    expect(await state()).toEqual(before);
  });

  it('L8: links itself to no account whose mailbox was never proved', async () => {
    const ada = person();
    await api.user({ email: ada.email });
    const before = await state();
    expect((await visit('corp', ada)).found).toEqual({ error: 'identity_confirmation_required' });
    expect(await state()).toEqual(before);
  });

  it('opens no account at a former address that waits for its way back', async () => {
    const ada = person();
    const user = await verified(ada.email);
    await api.sql('update users set email = $2 where id = $1', [user.id, `moved-${ada.email}`]);
    await api.sql(
      `insert into one_time_tokens (id, user_id, purpose, email, key_id, expires_at)
       values (gen_random_uuid(), $1, 'undo_email_change', $2, '', now() + interval '1 day')`,
      [user.id, ada.email],
    );
    const before = await state();
    expect((await visit('corp', ada)).found).toEqual({ error: 'identity_confirmation_required' });
    expect(await state()).toEqual(before);
  });

  it('opens none without an address, or with a text that is none', async () => {
    const before = await state();
    for (const email of [undefined, 'nobody', 'a@b', 'x\u0000@corp.example', ''])
      expect((await visit('corp', { ...person(), email: email as string })).found).toEqual({ error: 'email_missing' });
    expect(await state()).toEqual(before);
  });

  it('opens none while registration is closed, and lets in who has one', async () => {
    const [ada, bob] = [person(), person()];
    await signIn('corp', bob);
    const before = await state();
    const there = browserOf(closed, issuers);
    expect((await there.visit('corp', ada)).found).toEqual({ error: 'registration_closed' });
    const payload = { email: ada.email, password: PASSWORD };
    expect(brief(await closed.request({ method: 'POST', url: '/auth/register', payload }))).toEqual([
      403,
      'registration_closed',
    ]);
    expect(await state()).toEqual(before);
    expect((await there.signIn('corp', bob)).statusCode).toBe(200);
  });

  it('does not let in a disabled account, and writes it down', async () => {
    const ada = person();
    const me = await meOf(await signIn('corp', ada));
    const arrived = await visit('corp', ada);
    await api.sql('update users set is_active = false where id = $1', [me.id]);
    const before = await state();
    expect((await visit('corp', ada)).found).toEqual({ error: 'account_disabled' });
    expect(brief(await exchange(arrived))).toEqual([403, 'account_disabled']);
    expect(await state()).toEqual(before);
    expect(await eventsOf(me.id)).toContain('login.failed');
  });

  it('lets in no unverified account under EMAIL_VERIFICATION=required', async () => {
    const there = browserOf(required, issuers);
    const ada = person('elsewhere.example');
    const arrived = await there.visit('other', ada);
    const before = await state();
    expect(brief(await there.exchange(arrived))).toEqual([403, 'email_unverified']);
    expect(await state()).toEqual(before);
    await api.sql('update users set email_verified_at = now() where email = $1', [ada.email]);
    expect((await there.signIn('other', ada)).statusCode).toBe(200);
    expect((await there.signIn('corp', person())).statusCode).toBe(200);
  });

  it('asks for the second factor, and starts no session before', async () => {
    const ada = person();
    const me = await meOf(await signIn('corp', ada));
    await api.sql(
      `insert into factors (id, user_id, type, name, sealed_secret, key_id, is_active) values (gen_random_uuid(), $1, 'totp', 'App', '', '', true)`,
      [me.id],
    );
    await api.sql('update users set has_factor = true where id = $1', [me.id]);
    const before = await state();
    const answer = await signIn('corp', ada);
    expect(brief(answer)).toEqual([403, 'mfa_required']);
    expect(answer.json()).toMatchObject({ mfa_token: expect.any(String), factors: [{ type: 'totp', name: 'App' }] });
    expect(await state()).toEqual(before);
    const challenge = await api.sql(`select amr from mfa_challenges where user_id = $1`, [me.id]);
    expect(challenge).toEqual([{ amr: 'fed' }]);
  });

  it('gives the refresh token in the cookie of the session if the browser asks so', async () => {
    const { found, verifier } = await visit('corp', person());
    const payload = { code: found.code, code_verifier: verifier };
    const headers = { 'x-session': 'cookie' };
    const answer = await api.request({ method: 'POST', url: '/auth/oauth/exchange', payload, headers });
    expect(answer.json()).not.toHaveProperty('refresh_token');
    expect(String(answer.headers['set-cookie'])).toMatch(/^session=.*HttpOnly; SameSite=Strict$/);
  });

  it('is the first proof of its mailbox where the provider gets authority later: what was set before goes', async () => {
    const ada = person();
    const me = await meOf(await signIn('corp', { ...ada, email_verified: false }));
    expect(me.email_verified).toBe(false);
    const stranger = await api.sql(
      `insert into identities (id, user_id, provider, issuer, subject) values (gen_random_uuid(), $1, 'other', 'x', 'y') returning id`,
      [me.id],
    );
    const old = await signIn('corp', { ...ada, email_verified: false });
    expect(await meOf(await signIn('corp', ada))).toMatchObject({ id: me.id, email_verified: true });
    expect(await api.sql('select from identities where id = $1', [stranger[0]?.id])).toEqual([]);
    expect((await api.request({ url: '/auth/me', token: old.json().access_token })).statusCode).toBe(401);
  });
});

describe('GET /auth/oauth/{provider}/callback', () => {
  const stateInvalid = { status: 400, found: {}, code: 'oauth_state_invalid' };

  it('L18: is refused without a start, with another browser’s cookie, and with another state', async () => {
    const [mine, other] = [await depart('corp'), await depart('corp')];
    const back = issuers.authorize(mine.location, person());
    const before = await state();
    const asked = issuers.asked.length;
    expect(await arrive({ ...mine, cookie: '' }, back)).toMatchObject(stateInvalid);
    expect(await arrive({ ...mine, cookie: other.cookie }, back)).toMatchObject(stateInvalid);
    const forged = new URL(back);
    forged.searchParams.set('state', randomUUID());
    expect(await arrive(mine, forged)).toMatchObject(stateInvalid);
    forged.searchParams.delete('state');
    expect(await arrive(mine, forged)).toMatchObject(stateInvalid);
    expect(await arrive({ ...mine, cookie: `${mine.cookie.slice(0, -2)}AA` }, back)).toMatchObject(stateInvalid);
    expect(issuers.asked).toHaveLength(asked);
    expect(await state()).toEqual(before);
  });

  it('takes each of the sign-ins that two tabs of one browser began, in any order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const first = await depart('corp');
      const second = await depart('other', {}, first.cookie);
      const tabs = [first, second];
      let { cookie } = second;
      for (const n of order) {
        const tab = tabs[n] ?? expect.fail();
        const back = issuers.authorize(tab.location, person());
        const answer = await api.request({ url: `${back.pathname}${back.search}`, headers: { cookie } });
        expect(answer.statusCode, answer.body).toBe(303);
        cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
        const found = Object.fromEntries(new URL(String(answer.headers.location)).searchParams);
        expect((await exchange({ found, verifier: tab.verifier })).statusCode).toBe(200);
      }
      expect(cookie).toBe('oauth=');
    }
  });

  it('keeps the newest four sign-ins of a browser, in a cookie that grows no further', async () => {
    const tabs = [await depart('corp')];
    for (let n = 1; n < 9; n++) tabs.push(await depart('corp', {}, tabs.at(-1)?.cookie));
    const { cookie } = tabs.at(-1) ?? expect.fail();
    expect(cookie.length).toBeLessThan(4096);
    const before = await state();
    const statuses: number[] = [];
    for (const tab of tabs)
      statuses.push(
        (await arrive({ ...tab, cookie }, issuers.authorize(tab.location, { ...person(), email: '' }))).status,
      );
    expect(statuses).toEqual([400, 400, 400, 400, 400, 303, 303, 303, 303]);
    expect(await state()).toEqual(before);
  });

  it('L17: takes no state of one provider at another', async () => {
    const mine = await depart('corp');
    const back = issuers.authorize(mine.location, person());
    back.pathname = back.pathname.replace('/corp/', '/other/');
    const before = await state();
    expect(await arrive(mine, back)).toMatchObject(stateInvalid);
    expect(await state()).toEqual(before);
  });

  it('L18: takes a state once, also if ten browsers bring it at once, and starts one session', async () => {
    const ada = person();
    issuers.lie('corp', { reusable: true });
    const mine = await depart('corp');
    const back = issuers.authorize(mine.location, ada);
    const answers = await Promise.all(Array.from({ length: 10 }, () => arrive(mine, back)));
    const arrived = answers.filter(({ status }) => status === 303);
    expect(arrived).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'oauth_state_invalid')).toHaveLength(9);
    expect(await arrive(mine, back)).toMatchObject(stateInvalid);
    const pairs = await Promise.all(arrived.map((one) => exchange(one)));
    expect(pairs.map(({ statusCode }) => statusCode)).toEqual([200]);
  });

  it('opens one account of two sign-ins of the same new person at the same time', async () => {
    const ada = person();
    const flows = await Promise.all(Array.from({ length: 8 }, () => depart('corp')));
    const backs = flows.map((flow) => issuers.authorize(flow.location, ada));
    const arrived = await Promise.all(flows.map((flow, n) => arrive(flow, backs[n] as URL)));
    expect(arrived.map(({ found }) => Object.keys(found))).toEqual(Array(8).fill(['code']));
    expect(await api.sql('select from users where email = $1', [ada.email])).toHaveLength(1);
    expect(await api.sql('select from identities where subject = $1', [ada.sub])).toHaveLength(1);
  });

  it('tells the app that the person refused, or that the provider failed', async () => {
    for (const [given, told] of [
      ['access_denied', 'access_denied'],
      ['server_error', 'provider_error'],
      ['<script>', 'provider_error'],
    ]) {
      const mine = await depart('corp');
      const back = issuers.authorize(mine.location, person());
      back.searchParams.delete('code');
      back.searchParams.set('error', given as string);
      expect((await arrive(mine, back)).found).toEqual({ error: told });
    }
  });

  it('reads no field that a provider adds, and takes its own once', async () => {
    const mine = await depart('corp');
    const back = issuers.authorize(mine.location, person());
    back.search += '&scope=openid&authuser=0&hd=corp.example&prompt=none&session_state=x';
    expect((await arrive(mine, back)).found).toHaveProperty('code');
    for (const twice of ['state=a&state=b', 'state[]=a', 'code=a&code=b']) {
      const answer = await api.request({ url: `/auth/oauth/corp/callback?${twice}` });
      expect([400, 422]).toContain(answer.statusCode);
    }
  });

  it('takes the cookie away', async () => {
    const mine = await depart('corp');
    const back = issuers.authorize(mine.location, person());
    const answer = await api.request({ url: back.pathname + back.search, headers: { cookie: mine.cookie } });
    expect(answer.headers['set-cookie']).toBe('oauth=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
  });

  it('leads back to an app with a scheme of its own', async () => {
    const mine = await depart('corp', { redirect_to: 'com.example.app:/signed-in' });
    const back = issuers.authorize(mine.location, person());
    const answer = await api.request({ url: back.pathname + back.search, headers: { cookie: mine.cookie } });
    expect(answer.headers.location).toMatch(/^com\.example\.app:\/signed-in\?code=[\w-]+$/);
  });

  it('keeps codes, states and tokens out of the log and the database', async () => {
    const mine = await depart('corp');
    const back = issuers.authorize(mine.location, person());
    const arrived = await arrive(mine, back);
    const pair = (await exchange(arrived)).json();
    const dump = JSON.stringify([
      api.logs,
      await api.sql('select * from oauth_flows'),
      await api.sql('select * from identities'),
      await api.sql('select * from audit_events'),
    ]);
    const secrets = [
      back.searchParams.get('code'),
      back.searchParams.get('state'),
      new URL(mine.location).searchParams.get('nonce'),
      arrived.found.code,
      arrived.verifier,
      pair.refresh_token,
    ];
    for (const secret of secrets) expect(dump.includes(String(secret)), String(secret)).toBe(false);
  });
});

describe('POST /auth/oauth/{provider}/callback', () => {
  it('sends the browser to the same path with what was posted, which brings the cookie there', async () => {
    const ada = person('privaterelay.example');
    const mine = await depart('apple');
    const back = issuers.authorize(mine.location, ada);
    const form = new URLSearchParams({ ...Object.fromEntries(back.searchParams), user: '{"name":{}}', id_token: 'x' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await api.request({ method: 'POST', url: back.pathname, payload: form.toString(), headers });
    expect(answer.statusCode).toBe(303);
    const next = new URL(String(answer.headers.location));
    expect(next.origin + next.pathname).toBe('http://localhost:8000/auth/oauth/apple/callback');
    expect([...next.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    expect((await exchange(await arrive(mine, next))).statusCode).toBe(200);
  });
});
