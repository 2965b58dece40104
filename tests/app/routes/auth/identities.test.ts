import { describe, expect, it } from 'vitest';
import { derive, issue } from '../../../../src/app/services/auth/one-time-tokens.ts';
import { reset } from '../../../../src/app/services/auth/password-reset.ts';
import { secure } from '../../../../src/app/services/auth/secure-account.ts';
import type { TestUser } from '../../../helpers/api.ts';
import { startSocialApi } from '../../../helpers/social.ts';

const { api, issuers, open, arrive, visit, signIn } = await startSocialApi();
const APP = 'https://app.example.com/signed-in';

let count = 0;
const person = () => {
  const sub = `holder-${++count}`;
  return { sub, email: `${sub}@corp.example`, email_verified: true };
};
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];
const begin = (user: Pick<TestUser, 'access_token'>, provider = 'other', payload?: object) =>
  api.request({
    method: 'POST',
    url: `/auth/me/identities/${provider}`,
    token: user.access_token,
    ...(payload && { payload }),
  });
const addressOf = async (user: TestUser, provider = 'other') => {
  const answer = await begin(user, provider);
  expect(answer.statusCode, answer.body).toBe(200);
  const { pathname, search } = new URL(answer.json().authorization_url);
  return pathname + search;
};
const link = async (user: TestUser, who: ReturnType<typeof person>, provider = 'other') => {
  const departed = await open(await addressOf(user, provider));
  return arrive(departed, issuers.authorize(departed.location, who));
};
const list = async (user: Pick<TestUser, 'access_token'>) =>
  (await api.request({ url: '/auth/me/identities', token: user.access_token })).json().items;
const remove = (id: string, token: string) =>
  api.request({ method: 'DELETE', url: `/auth/me/identities/${id}`, token });
const stale = (user: TestUser) =>
  api.sql(`update sessions set authenticated_at = now() - interval '301 s' where user_id = $1`, [user.id]);
const rows = () => api.sql('select id, user_id, subject from identities order by id');

describe('POST /auth/me/identities/{provider}', () => {
  it('links the provider’s account to mine, whatever address it has, and tells mine', async () => {
    const [user, who] = [await api.user(), person()];
    expect((await link(user, who)).found).toEqual({ linked: 'other' });
    expect(await list(user)).toEqual([
      {
        id: expect.any(String),
        provider: 'other',
        subject: who.sub,
        email: who.email,
        created_at: expect.stringMatching(/Z$/),
      },
    ]);
    const events = await api.sql(
      `select actor_id, session_id is not null as has_session, details->>'provider' as provider from audit_events where event = 'identity.linked' and subject_id = $1`,
      [user.id],
    );
    expect(events).toEqual([{ actor_id: user.id, has_session: true, provider: 'other' }]);
    const notices = await api.sql(
      `select payload->>'subject' as subject from jobs where payload->>'kind' = 'notice.identity.linked' and payload->>'to' = $1`,
      [user.email],
    );
    expect(notices).toEqual([{ subject: 'OTHER' }]);
    const pair = await signIn('other', who);
    expect((await api.request({ url: '/auth/me', token: pair.json().access_token })).json().id).toBe(user.id);
  });

  it('wants a fresh session, a provider and a redirect that are configured', async () => {
    const user = await api.user();
    expect(brief(await begin(user, 'nobody'))).toEqual([404, 'provider_not_found']);
    expect(brief(await begin(user, 'other', { redirect_to: 'https://evil.example' }))).toEqual([
      422,
      'validation_failed',
    ]);
    expect((await begin(user, 'other', { redirect_to: APP })).statusCode).toBe(200);
    await stale(user);
    expect(brief(await begin(user))).toEqual([403, 'reauthentication_required']);
  });

  it('gives an address that is good once, for its provider, for two minutes', async () => {
    const user = await api.user();
    const address = await addressOf(user);
    const request = (url: string) => api.request({ url });
    expect(brief(await request(address.replace('/other/', '/corp/')))).toEqual([400, 'one_time_token_invalid']);
    expect((await request(address)).statusCode).toBe(303);
    expect(brief(await request(address))).toEqual([400, 'one_time_token_invalid']);
    expect(brief(await request('/auth/oauth/other/start?link=x.y'))).toEqual([400, 'one_time_token_invalid']);
  });

  it('ends with the session that asked', async () => {
    const [user, who] = [await api.user(), person()];
    const departed = await open(await addressOf(user));
    await api.request({ method: 'POST', url: '/auth/logout', token: user.access_token });
    const before = await rows();
    expect((await arrive(departed, issuers.authorize(departed.location, who))).found).toEqual({
      error: 'session_ended',
    });
    expect(await rows()).toEqual(before);
  });

  it('is not begun by a page of another site', async () => {
    const address = await addressOf(await api.user());
    const from = (headers: Record<string, string>) => api.request({ url: address, headers });
    expect(brief(await from({ 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'cross_site_request']);
    expect(
      brief(await from({ 'sec-fetch-site': 'cross-site', referer: 'https://app.example.com.evil.example/' })),
    ).toEqual([403, 'cross_site_request']);
    const own = { 'sec-fetch-site': 'cross-site', referer: 'https://app.example.com/' };
    expect((await from(own)).statusCode).toBe(303);
  });

  it('does not take another account’s identity away', async () => {
    const [user, other, who] = [await api.user(), await api.user(), person()];
    await link(other, who);
    const before = await rows();
    expect((await link(user, who)).found).toEqual({ error: 'identity_taken' });
    expect(await rows()).toEqual(before);
    expect((await link(other, who)).found).toEqual({ linked: 'other' });
    expect(await rows()).toEqual(before);
  });

  it('gives an identity to one of two accounts that link it at the same time', async () => {
    const [who, ...users] = [person(), await api.user(), await api.user(), await api.user(), await api.user()];
    const flows = await Promise.all(users.map(async (user) => open(await addressOf(user))));
    const backs = flows.map(({ location }) => issuers.authorize(location, who));
    const arrived = await Promise.all(flows.map((flow, n) => arrive(flow, backs[n] as URL)));
    expect(arrived.map(({ found }) => found.linked ?? found.error).sort()).toEqual([
      'identity_taken',
      'identity_taken',
      'identity_taken',
      'other',
    ]);
    expect(await api.sql('select from identities where subject = $1', [who.sub])).toHaveLength(1);
  });

  it('verifies the address of the account if the provider has authority over it, and drops nothing', async () => {
    const who = person();
    const user = await api.user({ email: who.email });
    await link(user, who, 'corp');
    const me = (await api.request({ url: '/auth/me', token: user.access_token })).json();
    expect(me).toMatchObject({ email_verified: true, has_password: true });
  });
});

describe('DELETE /auth/me/identities/{id}', () => {
  it('unlinks it, and tells the account', async () => {
    const [user, who] = [await api.user(), person()];
    await link(user, who);
    const [{ id }] = await list(user);
    expect((await remove(id, user.access_token)).statusCode).toBe(204);
    expect(await list(user)).toEqual([]);
    const events = await api.sql(`select from audit_events where event = 'identity.unlinked' and subject_id = $1`, [
      user.id,
    ]);
    expect(events).toHaveLength(1);
    expect(brief(await remove(id, user.access_token))).toEqual([404, 'identity_not_found']);
    expect((await visit('other', { ...who, email: user.email })).found).toEqual({
      error: 'identity_confirmation_required',
    });
  });

  it('answers 404 for another account’s one, and 403 without a fresh session, and keeps it', async () => {
    const [user, other, who] = [await api.user(), await api.user(), person()];
    await link(user, who);
    const [{ id }] = await list(user);
    const before = await rows();
    expect(brief(await remove(id, other.access_token))).toEqual([404, 'identity_not_found']);
    await stale(user);
    expect(brief(await remove(id, user.access_token))).toEqual([403, 'reauthentication_required']);
    expect(await rows()).toEqual(before);
  });

  it('answers 409 last_login_method for the last way in, and keeps it; of two at once one stays', async () => {
    const who = person();
    const { access_token, refresh_token } = (await signIn('corp', who)).json();
    const user = { access_token, refresh_token, id: '', email: who.email };
    const [{ id }] = await list(user);
    const before = await rows();
    expect(brief(await remove(id, access_token))).toEqual([409, 'last_login_method']);
    expect(await rows()).toEqual(before);
    expect((await link(user, person())).found).toEqual({ linked: 'other' });
    const both = (await list(user)) as { id: string }[];
    const answers = await Promise.all(both.map((one) => remove(one.id, access_token)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409]);
    expect(await list(user)).toHaveLength(1);
  });
});

describe('what ends the ways in of an account', () => {
  it('secure-account takes the identities of the last seven days, and keeps older ones', async () => {
    const [user, old, recent] = [await api.user(), person(), person()];
    await link(user, old);
    await api.sql(`update identities set created_at = now() - interval '8 days' where subject = $1`, [old.sub]);
    await link(user, recent);
    const token = {
      user_id: user.id,
      purpose: 'secure_account',
      email: user.email as never,
      lifeSeconds: 60,
    } as const;
    const mailed = await derive(api.app.ctx, await issue(api.app.ctx, token));
    const request = { request_id: 'x', client: { ip: '127.0.0.1', user_agent: null }, actor: null };
    await secure({ ...api.app.ctx, ...request, reportQuota: () => {} }, { token: mailed?.token.reveal() ?? '' });
    const left = await api.sql('select subject from identities where user_id = $1', [user.id]);
    expect(left).toEqual([{ subject: old.sub }]);
  });

  it('L8: the first proof of a mailbox by a reset takes the identities that were linked before', async () => {
    const [user, who] = [await api.user(), person()];
    await link(user, who);
    const token = { user_id: user.id, purpose: 'reset_password', email: user.email as never, lifeSeconds: 60 } as const;
    const mailed = await derive(api.app.ctx, await issue(api.app.ctx, token));
    const request = { request_id: 'x', client: { ip: '127.0.0.1', user_agent: null }, actor: null };
    const ctx = { ...api.app.ctx, ...request, reportQuota: () => {} };
    await reset(ctx, { token: mailed?.token.reveal() ?? '', password: 'another horse, another staple' });
    expect(await api.sql('select from identities where user_id = $1', [user.id])).toEqual([]);
  });

  it('a deleted account’s identity opens another account', async () => {
    const who = person();
    const first = (await signIn('corp', who)).json();
    const closing = { method: 'DELETE', url: '/auth/me', token: first.access_token, payload: {} } as const;
    expect((await api.request(closing)).statusCode).toBe(204);
    expect(await api.sql('select from identities where subject = $1', [who.sub])).toEqual([]);
    expect((await signIn('corp', who)).statusCode).toBe(200);
  });
});
