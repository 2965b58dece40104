import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { startIssuers } from '../helpers/issuer.ts';
import { addKey, HOUR, newKeysDirectory } from '../helpers/keys.ts';
import { startPasskeyApi } from '../helpers/passkeys.ts';
import { browserOf, settingsOf } from '../helpers/social.ts';
import { softAuthenticator } from '../helpers/soft-authenticator.ts';

const HALF_AN_HOUR_S = 1800;
const directory = newKeysDirectory();
const issuers = await startIssuers();
afterAll(() => {
  issuers.stop();
  rmSync(directory, { recursive: true, force: true });
});
const first = addKey(directory, 'ES256', -HOUR);
const second = addKey(directory, 'EdDSA', HALF_AN_HOUR_S * 1000);
const passkeys = startPasskeyApi({ ...settingsOf(issuers), KEYS_DIRECTORY: directory });
const { api, post, pass, verified, enrol, challenge, holder, requestOptions, creationOptions } = passkeys;
const { depart, arrive, exchange, open } = browserOf(api, issuers);

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
const person = (sub: string) => ({ sub, email: `${sub}@corp.example`, email_verified: true });

describe('a new key takes over', () => {
  it('in the middle of each ceremony, and each comes to its end by what the former key signed', async () => {
    // Each code counts once, and moves the clock a little.
    const user = await verified();
    const app = await enrol(user);
    const owner = await holder();
    const device = softAuthenticator();

    pass(HALF_AN_HOUR_S - 60 - secondsMoved());
    const { access_token } = await signedIn(owner.email);
    expect(kidOf(access_token)).toBe(first.kid);
    const mfa_token = await challenge(user);
    const assertion = await requestOptions();
    const creation = await creationOptions(access_token);
    const signIn = await depart('corp');
    const linking = await api.request({
      method: 'POST',
      url: '/auth/me/identities/other',
      token: access_token,
      payload: {},
    });
    const { pathname, search } = new URL(linking.json().authorization_url);
    const arrived = await depart('corp').then((mine) =>
      arrive(mine, issuers.authorize(mine.location, person('early'))),
    );

    pass(90);
    expect(kidOf((await signedIn(owner.email)).access_token)).toBe(second.kid);
    const asserted = {
      challenge_id: assertion.challenge_id,
      credential: owner.authenticator.get(assertion.options),
    };
    const answers = {
      'second factor': await post('/auth/mfa', { mfa_token, code: app.code() }),
      passkey: await post('/auth/passkeys/login', asserted),
      'new passkey': await post(
        '/auth/me/passkeys',
        { challenge_id: creation.challenge_id, credential: device.create(creation.options) },
        access_token,
      ),
      'code of a callback': await exchange(arrived),
      'state of a provider': await exchange(await arrive(signIn, issuers.authorize(signIn.location, person('late')))),
    };
    expect(Object.entries(answers).map(([what, { statusCode }]) => [what, statusCode])).toEqual([
      ['second factor', 200],
      ['passkey', 200],
      ['new passkey', 201],
      ['code of a callback', 200],
      ['state of a provider', 200],
    ]);
    for (const what of ['second factor', 'passkey', 'state of a provider'] as const)
      expect(kidOf(answers[what].json().access_token), what).toBe(second.kid);
    const link = await open(pathname + search);
    const linked = await arrive(link, issuers.authorize(link.location, person('linked')));
    expect(linked.found).toEqual({ linked: 'other' });

    // Each still counts once.
    const again = [
      await post('/auth/mfa', { mfa_token, code: app.code() }),
      await post('/auth/passkeys/login', asserted),
      await exchange(arrived),
      await api.request({ url: pathname + search }),
    ];
    expect(again.map(({ statusCode, json }) => [statusCode, json().code])).toEqual([
      [401, 'mfa_token_invalid'],
      [401, 'invalid_credentials'],
      [400, 'one_time_token_invalid'],
      [400, 'one_time_token_invalid'],
    ]);
  });
});

async function signedIn(email: string) {
  const answer = await post('/auth/login', { email, password: 'correct horse battery staple' });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ access_token: string }>();
}

function secondsMoved(): number {
  return Math.round((api.app.ctx.clock.now().getTime() - Date.now()) / 1000);
}
