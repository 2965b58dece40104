import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { startApi, testConfig } from '../../../helpers/api.ts';

const api = startApi();

it('GET /.well-known/jwks.json is an empty set under a shared secret, for five minutes', async () => {
  const response = await api.request({ url: '/.well-known/jwks.json' });
  expect(response.json()).toEqual({ keys: [] });
  expect(response.headers['cache-control']).toBe('public, max-age=300');
});

it('GET /.well-known/jwks.json has the public half of a private key, and nothing of the private half', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const SECRET_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const url = 'postgresql://nobody@127.0.0.1:1/none';
  const app = await buildApp(testConfig(url, { SECRET_KEY, ALGORITHM: 'ES256', LOG_LEVEL: 'silent' }));
  const { keys } = (await app.inject('/.well-known/jwks.json')).json();
  await app.close();
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  expect(keys).toEqual([{ kid: expect.any(String), kty, crv, x, y, use: 'sig', alg: 'ES256' }]);
});
