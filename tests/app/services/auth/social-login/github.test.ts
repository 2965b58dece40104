import { afterAll, describe, expect, it } from 'vitest';
import { GITHUB_CLIENT, type GitHubUser, startGitHub } from '../../../../helpers/github.ts';
import { startSocialApi } from '../../../../helpers/social.ts';

const github = await startGitHub();
afterAll(() => github.stop());
const { api, depart, arrive, exchange } = await startSocialApi({
  OAUTH_GITHUB_CLIENT_ID: GITHUB_CLIENT.client_id,
  OAUTH_GITHUB_CLIENT_SECRET: GITHUB_CLIENT.client_secret,
  OAUTH_GITHUB_URL: `${github.url}/`,
});

let count = 0;
const userOf = (more: Partial<GitHubUser> = {}): GitHubUser => {
  const id = 1000 + ++count;
  const email = `hub-${id}@example.org`;
  return {
    id,
    login: `hub-${id}`,
    name: 'Grace Hopper',
    emails: [
      { email: `old-${email}`, primary: false, verified: true },
      { email, primary: true, verified: true },
    ],
    ...more,
  };
};
const visit = async (user: GitHubUser) => {
  const departed = await depart('github');
  return arrive(departed, github.authorize(departed.location, user));
};
const rows = () => api.sql('select issuer, subject, email from identities order by id');

describe('GitHub', () => {
  it('is asked for the addresses alone, with PKCE', async () => {
    const { searchParams } = new URL((await depart('github')).location);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: GITHUB_CLIENT.client_id,
      redirect_uri: 'http://localhost:8000/auth/oauth/github/callback',
      scope: 'user:email',
      state: expect.any(String),
      code_challenge: expect.any(String),
      code_challenge_method: 'S256',
    });
  });

  it('signs in by its number, with the primary verified address, which it has no authority over', async () => {
    const user = userOf();
    const answer = await exchange(await visit(user));
    expect(answer.statusCode, answer.body).toBe(200);
    const me = (await api.request({ url: '/auth/me', token: answer.json().access_token })).json();
    expect(me).toMatchObject({ email: `hub-${user.id}@example.org`, name: 'Grace Hopper', email_verified: false });
    expect((await rows()).at(-1)).toEqual({ issuer: github.url, subject: String(user.id), email: me.email });
    const again = await exchange(await visit({ ...user, login: 'renamed', emails: [] }));
    expect((await api.request({ url: '/auth/me', token: again.json().access_token })).json().id).toBe(me.id);
  });

  it('calls a person without a name by the login', async () => {
    const user = userOf({ name: null });
    const { access_token: token } = (await exchange(await visit(user))).json();
    expect((await api.request({ url: '/auth/me', token })).json().name).toBe(user.login);
  });

  it.each([
    ['no address', []],
    ['none that is primary', [{ email: 'a@example.org', primary: false, verified: true }]],
    ['a primary one that is not verified', [{ email: 'a@example.org', primary: true, verified: false }]],
    ['"true" for verified', [{ email: 'a@example.org', primary: true, verified: 'true' }]],
    ['an object for the list', { email: 'a@example.org' }],
    ['null', [null]],
  ])('opens no account with %s', async (_name, emails) => {
    const before = await rows();
    expect((await visit(userOf({ emails }))).found).toEqual({ error: 'email_missing' });
    expect(await rows()).toEqual(before);
  });

  it.each([
    ['a text for its number', '7'],
    ['no number', undefined],
    ['a fraction', 1.5],
  ])('signs nobody in with %s', async (_name, id) => {
    const before = await rows();
    expect((await visit(userOf({ id }))).found).toEqual({ error: 'provider_error' });
    expect(await rows()).toEqual(before);
  });

  it('signs nobody in with a code that it does not know, or that another start got', async () => {
    const [mine, other] = [await depart('github'), await depart('github')];
    const back = github.authorize(other.location, userOf());
    back.searchParams.set('state', new URL(mine.location).searchParams.get('state') ?? '');
    const before = await rows();
    expect((await arrive(mine, back)).found).toEqual({ error: 'provider_error' });
    expect(await rows()).toEqual(before);
  });

  it('keeps no token of GitHub', async () => {
    await visit(userOf());
    const kept = JSON.stringify([await rows(), await api.sql('select * from oauth_flows'), api.logs]);
    for (const token of github.tokens.keys()) expect(kept.includes(token)).toBe(false);
  });
});
