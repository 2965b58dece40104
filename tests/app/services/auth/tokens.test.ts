import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { claimsOf, PASSWORD, SECRET_KEY, startApi, testConfig } from '../../../helpers/api.ts';

const api = startApi();

const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token signed with the server's own key, whatever it says. */
function forge(header: object, claims: unknown, key = SECRET_KEY): string {
  const input = `${segment(header)}.${segment(claims)}`;
  const hash = HASHES[(header as { alg?: string }).alg ?? ''] ?? 'sha256';
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
}

const HEADER = { alg: 'HS256', typ: 'at+jwt' };
const me = (token: string) => api.request({ url: '/auth/me', token });

describe('an access token', () => {
  it('made by hand with the right key and claims passes, which is what the refusals below are measured against', async () => {
    const claims = claimsOf((await api.user()).access_token);
    expect((await me(forge(HEADER, claims))).statusCode).toBe(200);
  });

  it('is token_expired from the second of its expiry on', async () => {
    const claims = claimsOf((await api.user()).access_token);
    const now = Math.floor(Date.now() / 1000);
    expect((await me(forge(HEADER, { ...claims, exp: now - 1 }))).json().code).toBe('token_expired');
    expect(
      (await me(forge(HEADER, { ...claims, exp: now - 1 }, 'another key that is long enough, 9d2f'))).json().code,
    ).toBe('token_invalid');
  });

  it.each<[string, object, object, string?]>([
    ['J1 alg none', { alg: 'none', typ: 'at+jwt' }, {}],
    ['J2 alg nOnE', { alg: 'nOnE', typ: 'at+jwt' }, {}],
    ['J4 no alg', { typ: 'at+jwt' }, {}],
    ['J4 alg as an array', { alg: ['HS256'], typ: 'at+jwt' }, {}],
    ['J5 alg in lower case', { alg: 'hs256', typ: 'at+jwt' }, {}],
    ['J6 another hash', { alg: 'HS512', typ: 'at+jwt' }, {}],
    ['J8 another key', HEADER, {}, 'another key that is long enough, 9d2f'],
    ['J9 an embedded key', { ...HEADER, jwk: { kty: 'oct', k: 'AAAA' } }, {}],
    ['J10 a key by URL', { ...HEADER, jku: 'http://127.0.0.1:1/' }, {}],
    ['J11 a certificate chain', { ...HEADER, x5c: ['AAAA'] }, {}],
    ['J14 an unencoded payload', { ...HEADER, b64: false }, {}],
    ['a critical extension', { ...HEADER, crit: ['exp'] }, {}],
    ['an unknown key id', { ...HEADER, kid: '../../etc/passwd' }, {}],
    ['J22 no expiry', HEADER, { exp: undefined }],
    ['J22 an expiry as text', HEADER, { exp: '9999999999' }],
    ['J22 an expiry with a fraction', HEADER, { exp: 1.5e10 + 0.5 }],
    ['J22 an expiry beyond all dates', HEADER, { exp: Number.MAX_SAFE_INTEGER }],
    ['J22 a negative expiry', HEADER, { exp: -1 }],
    ['J23 an issue time in the future', HEADER, { iat: Math.floor(Date.now() / 1000) + 90 }],
    ['J23 not before the future', HEADER, { nbf: Math.floor(Date.now() / 1000) + 90 }],
    ['J24 another issuer', HEADER, { iss: 'someone' }],
    ['J24 no issuer', HEADER, { iss: undefined }],
    ['J24 another audience', HEADER, { aud: 'someone' }],
    ['J24 a list of audiences with ours', HEADER, { aud: ['back-api', 'someone'] }],
    ['J25 the type of another token', HEADER, { type: 'refresh' }],
    ['J27 no typ', { alg: 'HS256' }, {}],
    ['J27 typ JWT', { alg: 'HS256', typ: 'JWT' }, {}],
    ['J27 typ in upper case', { alg: 'HS256', typ: 'at+JWT' }, {}],
    ['J27 the typ of a refresh token', { alg: 'HS256', typ: 'refresh+jwt' }, {}],
    ['J28 a subject that is no id', HEADER, { sub: 'ada@example.com' }],
    ['J28 a number as subject', HEADER, { sub: 1 }],
    ['J28 NUL in the session', HEADER, { sid: '\0' }],
    ['J28 the session of somebody else', HEADER, { sub: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d' }],
  ])('with %s is token_invalid', async (_what, header, change, key) => {
    const claims = claimsOf((await api.user()).access_token);
    const response = await me(forge(header, { ...claims, ...change }, key));
    expect([response.statusCode, response.json().code]).toEqual([401, 'token_invalid']);
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it.each([['text'], [[]], [null], [1]])('J32 whose payload is %j is token_invalid', async (payload) => {
    expect((await me(forge(HEADER, payload))).json().code).toBe('token_invalid');
  });

  it('J16, J17, J19, J21 that was cut, joined, changed by a bit or put together anew is token_invalid', async () => {
    const { access_token: token } = await api.user();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const other = segment({ ...claimsOf(token), role: 'admin' });
    const broken = [
      header,
      `${header}.${payload}`,
      `.${token}`,
      `${token}.`,
      `${token}.x.y`,
      `${header}.${other}.${signature}`,
    ];
    const flipped = [...signature].map(
      (letter, index) =>
        `${header}.${payload}.${signature.slice(0, index)}${letter === 'A' ? 'B' : 'A'}${signature.slice(index + 1)}`,
    );
    const json = JSON.stringify({ payload, signatures: [{ protected: header, signature }] }).replaceAll(' ', '');
    for (const bad of [
      ...broken,
      ...flipped.filter((changed) => changed !== token),
      `${header}.${payload}.`,
      `${token}A`,
      json,
    ])
      expect((await me(bad)).statusCode, bad).toBe(401);
  });

  it('J35, J37 in a header that is none is refused without a fault', async () => {
    const code = async (authorization: string) =>
      (await api.request({ url: '/auth/me', headers: { authorization } })).json().code;
    for (const header of ['Bearer', 'Bearer ', 'Basic eA==', 'Token x'])
      expect(await code(header)).toBe('not_authenticated');
    for (const header of ['Bearer a b', 'bearer x', 'Bearer  x', 'Bearer %E0%A4%A', 'Bearer ÿþ'])
      expect(await code(header)).toBe('token_invalid');
    const { access_token } = await api.user();
    expect((await api.request({ url: `/auth/me?access_token=${access_token}` })).statusCode).toBe(401);
  });
});

describe('each algorithm', () => {
  const pem = (key: { privateKey: { export: (options: { type: 'pkcs8'; format: 'pem' }) => string | Buffer } }) =>
    key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys: [string, () => string][] = [
    ['HS384', () => `${SECRET_KEY} and some more`],
    ['HS512', () => `${SECRET_KEY} and some more for the longest`],
    ['ES256', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['ES384', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['EdDSA', () => pem(generateKeyPairSync('ed25519'))],
    ['PS256', () => pem(generateKeyPairSync('rsa', { modulusLength: 3072 }))],
  ];

  it.each(keys)(
    '%s signs what it verifies, repeats a refresh byte for byte, and publishes its public key',
    async (algorithm, key) => {
      const app = await buildApp(testConfig(api.url, { ALGORITHM: algorithm, SECRET_KEY: key(), LOG_LEVEL: 'silent' }));
      const registered = await app.inject({
        method: 'POST',
        url: '/auth/register',
        payload: { email: `${algorithm}@example.com`, password: PASSWORD },
      });
      const pair = registered.json();
      const bearer = { authorization: `Bearer ${pair.access_token}` };
      expect((await app.inject({ url: '/auth/me', headers: bearer })).statusCode).toBe(200);
      const refresh = async () =>
        (
          await app.inject({ method: 'POST', url: '/auth/refresh', payload: { refresh_token: pair.refresh_token } })
        ).json().refresh_token;
      expect(await refresh()).toBe(await refresh());
      const jwks = (await app.inject('/.well-known/jwks.json')).json();
      await app.close();
      if (algorithm.startsWith('HS')) return expect(jwks).toEqual({ keys: [] });
      expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/);
      const verified = await jwtVerify(pair.access_token, createLocalJWKSet(jwks), {
        issuer: 'back-api',
        audience: 'back-api',
        typ: 'at+jwt',
      });
      expect(verified.payload.sub).toBe(claimsOf(pair.access_token).sub);
      expect((await me(pair.access_token)).json().code).toBe('token_invalid');
    },
  );

  it('J31 a token of the key before stays valid, until that key is taken away too', async () => {
    const { access_token, refresh_token } = await api.user();
    const next = { SECRET_KEY: 'the key that came after: 5b0e2c7a91', LOG_LEVEL: 'silent' };
    const overlap = await buildApp(testConfig(api.url, { ...next, PREVIOUS_SECRET_KEYS: SECRET_KEY }));
    const after = await buildApp(testConfig(api.url, next));
    const ask = (app: typeof after) =>
      app.inject({ url: '/auth/me', headers: { authorization: `Bearer ${access_token}` } });
    expect((await ask(overlap)).statusCode).toBe(200);
    expect((await ask(after)).json().code).toBe('token_invalid');
    expect(
      (await overlap.inject({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } })).statusCode,
    ).toBe(200);
    await Promise.all([overlap.close(), after.close()]);
  });
});
