import { afterAll, describe, expect, it } from 'vitest';
import { CLIENT } from '../../../../helpers/issuer.ts';
import { startOidcProvider } from '../../../../helpers/oidc-provider.ts';
import { startSocialApi } from '../../../../helpers/social.ts';

const issuer = await startOidcProvider(['http://localhost:8000/auth/oauth/real/callback']);
afterAll(() => issuer.stop());
const { api, depart, arrive, exchange } = await startSocialApi({
  OIDC_REAL_ISSUER: issuer.url,
  OIDC_REAL_CLIENT_ID: CLIENT.client_id,
  OIDC_REAL_CLIENT_SECRET: CLIENT.client_secret,
  OIDC_REAL_DOMAINS: 'real.example',
});
const ADA = { sub: 'ada', email: 'ada@real.example', email_verified: true, name: 'Ada' };

describe('a real issuer', () => {
  it('signs in with code, PKCE, state, nonce and userinfo, and again to the same account', async () => {
    const signIn = async () => {
      const mine = await depart('real');
      const answer = await exchange(await arrive(mine, await issuer.authorize(mine.location, ADA)));
      expect(answer.statusCode, answer.body).toBe(200);
      return (await api.request({ url: '/auth/me', token: answer.json().access_token })).json();
    };
    const first = await signIn();
    expect(first).toMatchObject({ email: ADA.email, email_verified: true, name: 'Ada', has_password: false });
    expect((await signIn()).id).toBe(first.id);
    const rows = await api.sql('select issuer, subject from identities');
    expect(rows).toEqual([{ issuer: issuer.url, subject: 'ada' }]);
  });

  it('has a code refused that was used before', async () => {
    const [first, second] = [await depart('real'), await depart('real')];
    const back = await issuer.authorize(first.location, ADA);
    expect((await arrive(first, back)).found).toHaveProperty('code');
    back.searchParams.set('state', new URL(second.location).searchParams.get('state') ?? '');
    expect((await arrive(second, back)).found).toEqual({ error: 'provider_error' });
  });
});
