import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startSocialApi } from '../../../helpers/social.ts';

const { api, issuers, visit, exchange, idToken } = await startSocialApi();
const INVALID = [400, 'one_time_token_invalid'];

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
/** All that a sign-in could have changed. */
const state = () =>
  api.sql(`select (select count(*)::int from users) as users, (select count(*)::int from sessions) as sessions,
    (select json_agg(i order by id) from (select id, user_id, issuer, subject from identities) i) as identities`);

describe('POST /auth/oauth/exchange', () => {
  it('L1: starts one session of 16 at the same time', async () => {
    const ada = person();
    const arrived = await visit('corp', ada);
    const answers = await Promise.all(Array.from({ length: 16 }, () => exchange(arrived)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(400)]);
    const sessions = await api.sql(
      'select from sessions join identities using (user_id) where identities.subject = $1',
      [ada.sub],
    );
    expect(sessions).toHaveLength(1);
  });

  it('is refused with another verifier, which burns the code', async () => {
    const arrived = await visit('corp', person());
    const before = await state();
    expect(brief(await exchange({ ...arrived, verifier: 'x'.repeat(43) }))).toEqual(INVALID);
    expect(brief(await exchange(arrived))).toEqual(INVALID);
    expect(await state()).toEqual(before);
  });

  it('is refused with a code that was changed, which burns nothing', async () => {
    const arrived = await visit('corp', person());
    const code = arrived.found.code as string;
    const changed = code.slice(0, -1) + (code.endsWith('A') ? 'Q' : 'A');
    expect(brief(await exchange({ ...arrived, found: { code: changed } }))).toEqual(INVALID);
    expect((await exchange(arrived)).statusCode).toBe(200);
  });

  it('L2: is refused after 60 seconds, and for an identity that was unlinked meanwhile', async () => {
    const [late, gone] = [await visit('corp', person()), await visit('corp', person())];
    const rows = await api.sql(
      `select extract(epoch from code_expires_at - now())::int as seconds from oauth_flows where identity_id is not null order by id desc limit 1`,
    );
    expect(rows[0]?.seconds).toBeGreaterThan(50);
    expect(rows[0]?.seconds).toBeLessThanOrEqual(60);
    await api.sql(`delete from identities where subject = $1`, [`person-${count}`]);
    expect(brief(await exchange(gone))).toEqual(INVALID);
    await api.sql(`update oauth_flows set code_expires_at = now() - interval '1 second'`);
    expect(brief(await exchange(late))).toEqual(INVALID);
  });
});

describe('POST /auth/oauth/{provider}/id-token', () => {
  it.each(['back-client', 'native-client'])('signs in by an id token for %s', async (aud) => {
    const ada = person('gmail.com');
    issuers.lie('google', { claims: (claims) => ({ ...claims, aud }) });
    const payload = { id_token: await issuers.idToken('google', ada, 'a nonce'), nonce: 'a nonce' };
    expect(await meOf(await idToken('google', payload))).toMatchObject({ email: ada.email, email_verified: true });
  });

  it('takes the SHA-256 of the nonce, as Apple’s and Google’s libraries send it', async () => {
    const hash = 'ab8b87e9bb9bbf0b2ab8b37f1ee4ec0a53a2b0b2bf1e29e1b7d8a2c8c7c8b1c2';
    const nonce = createHash('sha256').update('a nonce').digest('hex');
    const right = await issuers.idToken('apple', person(), nonce);
    expect((await idToken('apple', { id_token: right, nonce: 'a nonce' })).statusCode).toBe(200);
    const wrong = await issuers.idToken('apple', person(), hash);
    expect(brief(await idToken('apple', { id_token: wrong, nonce: 'a nonce' }))).toEqual(INVALID);
  });

  it('refuses another nonce, audience, issuer or provider, garbage, and changes nothing', async () => {
    const ada = person();
    const nonce = 'n';
    const honest = await issuers.idToken('corp', ada, nonce);
    const before = await state();
    issuers.lie('other', { claims: (claims) => ({ ...claims, aud: 'another-client' }) });
    const attempts: [string, string, string][] = [
      ['corp', honest, 'another'],
      ['other', honest, nonce],
      ['other', await issuers.idToken('other', ada, nonce), nonce],
      ['corp', `${honest.slice(0, -4)}AAAA`, nonce],
      ['corp', 'a.b.c', nonce],
      ['corp', 'x', nonce],
      ['corp', `${'e30'}.${'e30'}.`, nonce],
      ['corp', Buffer.from('{"alg":"none"}').toString('base64url') + honest.slice(honest.indexOf('.')), nonce],
    ];
    for (const [provider, id_token, given] of attempts)
      expect(brief(await idToken(provider, { id_token, nonce: given })), id_token).toEqual(INVALID);
    expect(await state()).toEqual(before);
  });

  it('says as a problem what a callback says in the address', async () => {
    const ada = person();
    await verified(ada.email);
    const before = await state();
    const of = async (who: object) => ({
      id_token: await issuers.idToken('other', { ...ada, ...who }, 'n'),
      nonce: 'n',
    });
    expect(brief(await idToken('other', await of({})))).toEqual([409, 'identity_confirmation_required']);
    expect(brief(await idToken('other', await of({ email: undefined })))).toEqual([422, 'email_missing']);
    expect(await state()).toEqual(before);
  });

  it('answers 404 for a provider without id tokens', async () => {
    expect(brief(await idToken('github', { id_token: 'x', nonce: 'n' }))).toEqual([404, 'provider_not_found']);
  });
});
