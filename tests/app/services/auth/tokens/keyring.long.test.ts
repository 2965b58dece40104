import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { createKeyring } from '../../../../../src/app/services/auth/tokens/keyring.ts';
import { createTokens } from '../../../../../src/app/services/auth/tokens.ts';
import { newId } from '../../../../../src/app/utils/ids.ts';
import { PASSWORD, startApi, testConfig } from '../../../../helpers/api.ts';
import { addKey, DAY, editKey, HOUR, newKeysDirectory, secondsFromNow } from '../../../../helpers/keys.ts';

const directory = newKeysDirectory();
const first = addKey(directory, 'ES256', HOUR);
const time = { ahead_ms: 0 };
const api = startApi({ KEYS_DIRECTORY: directory }, { clock: { now: () => new Date(Date.now() + time.ahead_ms) } });

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const publishedKids = async (): Promise<string[]> => {
  const response = await api.request({ url: '/.well-known/jwks.json' });
  expect(response.body).not.toContain('"d"');
  return response.json<{ keys: { kid: string }[] }>().keys.map(({ kid }) => kid);
};
const me = async (token: string) => (await api.request({ url: '/auth/me', token })).statusCode;
const refresh = async (refresh_token: string) =>
  api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
const login = async (email: string) => {
  const payload = { email, password: PASSWORD };
  return (await api.request({ method: 'POST', url: '/auth/login', payload })).json<{
    access_token: string;
    refresh_token: string;
  }>();
};
const reread = () => api.app.ctx.keyring.reread();

describe('a keys directory', () => {
  it('leads from SECRET_KEY to its own keys and from key to key, and logs nobody out', async () => {
    const user = await api.user();
    expect(kidOf(user.access_token)).not.toBe(first.kid);
    expect(await publishedKids()).toEqual([first.kid]);

    editKey(directory, first, { nbf: secondsFromNow(-1000) });
    await reread();
    expect(await me(user.access_token)).toBe(200);
    const ofFirst = (await refresh(user.refresh_token)).json();
    expect(kidOf(ofFirst.access_token)).toBe(first.kid);

    const second = addKey(directory, 'EdDSA', HOUR);
    await reread();
    expect(await publishedKids()).toEqual([first.kid, second.kid]);
    expect(kidOf((await login(user.email)).access_token)).toBe(first.kid);

    editKey(directory, second, { nbf: secondsFromNow(-1000) });
    editKey(directory, first, { nbf: secondsFromNow(-2000) });
    await reread();
    const ofSecond = await login(user.email);
    expect([kidOf(ofSecond.access_token), kidOf(ofSecond.refresh_token)]).toEqual([second.kid, second.kid]);
    expect(await publishedKids()).toEqual([second.kid, first.kid]);
    expect([await me(user.access_token), await me(ofFirst.access_token), await me(ofSecond.access_token)]).toEqual([
      200, 200, 200,
    ]);
    expect(kidOf((await refresh(ofFirst.refresh_token)).json().access_token)).toBe(second.kid);

    // No token of the first key, nor of SECRET_KEY, can be alive now: whoever shows one has stolen the key.
    const stolen = (await login(user.email)).access_token;
    editKey(directory, second, { nbf: secondsFromNow(-7 * DAY - HOUR) });
    editKey(directory, first, { nbf: secondsFromNow(-30 * DAY) });
    await reread();
    expect(await publishedKids()).toEqual([second.kid]);
    expect([await me(user.access_token), await me(ofFirst.access_token), await me(stolen)]).toEqual([401, 401, 200]);
    rmSync(join(directory, second.file));
    editKey(directory, first, { nbf: secondsFromNow(-2000) });
    await reread();
    expect(await me(stolen)).toBe(401);
  });

  it('repeats a refresh byte for byte across the moment at which the next key takes over', async () => {
    const user = await api.user();
    const answered = (await refresh(user.refresh_token)).json();
    const next = addKey(directory, 'PS256', 1000);
    await reread();
    time.ahead_ms = 2000;
    const again = (await refresh(user.refresh_token)).json();
    time.ahead_ms = 0;
    expect(again.refresh_token).toBe(answered.refresh_token);
    expect([kidOf(answered.access_token), kidOf(again.access_token)]).toEqual([first.kid, next.kid]);
    rmSync(join(directory, next.file));
  });

  it('is read again without being asked', async () => {
    const next = addKey(directory, 'HS512', HOUR);
    await vi.waitFor(
      () =>
        expect(api.logs).toContainEqual(
          expect.objectContaining({
            event: 'keys.changed',
            kids: expect.toBeOneOf([
              [first.kid, next.kid],
              [next.kid, first.kid],
            ]),
          }),
        ),
      { timeout: 15_000, interval: 50 },
    );
    expect(await publishedKids()).toEqual([first.kid]);
    rmSync(join(directory, next.file));
  });

  it('goes on with the keys that it knows while a file is wrong or all are gone, and says so once', async () => {
    await reread();
    const { access_token } = await api.user();
    const isUnreadable = ({ event }: Record<string, unknown>) => event === 'keys.unreadable';
    writeFileSync(join(directory, 'half.json'), '{"kty":"oct","k":"c2Vj');
    await reread();
    await reread();
    expect(await me(access_token)).toBe(200);
    const said = api.logs.filter(isUnreadable);
    expect(said.map(({ problems }) => problems)).toEqual(['has half.json, which is not a JSON Web Key']);
    rmSync(directory, { recursive: true });
    await reread();
    expect(await me(access_token)).toBe(200);
    expect(api.logs.filter(isUnreadable)).toHaveLength(2);
  });
});

describe('the published keys', () => {
  it.each(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'] as const)(
    'let others verify what %s signed',
    async (algorithm) => {
      const KEYS_DIRECTORY = newKeysDirectory();
      const { kid } = addKey(KEYS_DIRECTORY, algorithm, -1000);
      const config = testConfig('postgres://localhost/x', { KEYS_DIRECTORY, ALLOW_RS256: 'true' });
      const keyring = createKeyring(config, console);
      const tokens = createTokens(config, { now: () => new Date() }, keyring);
      keyring.close();
      const [user_id, session_id] = [newId(), newId()];
      const token = tokens.signAccess({ user_id, session_id, role: 'user' });
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(tokens.jwks()), {
        issuer: 'back-api',
        audience: 'back-api',
      });
      expect(payload.sub).toBe(user_id);
      expect(protectedHeader).toEqual({ alg: algorithm, kid, typ: 'at+jwt' });
      expect(tokens.verifyAccess(token)).toEqual({ user_id, session_id, role: 'user' });
      const claims = {
        user_id,
        session_id,
        counter: 3,
        issued_at: new Date(),
        expires_at: new Date(Date.now() + HOUR),
      };
      expect(tokens.signRefresh(claims)).toBe(tokens.signRefresh(claims));
      expect(tokens.verifyRefresh(tokens.signRefresh(claims)).counter).toBe(3);
    },
  );
});
