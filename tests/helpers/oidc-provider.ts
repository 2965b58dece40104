import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import { CLIENT, type Person } from './issuer.ts';

/** As far away as another host. */
const KEYS_TAKE_MS = 50;

/** oidc-provider as an issuer in this process: a real implementation of the other side. The person of the last call signs in. */
export async function startOidcProvider(redirect_uris: string[]) {
  const persons = new Map<string, Person>();
  let present = '';
  const first = await newKey();
  /** The newest first: it signs. */
  let keys = [first];
  /** How often its keys were asked for. */
  let key_requests = 0;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const stored = new Map<string, AdapterPayload>();
  const configuration = (): Configuration => ({
    adapter: (model) => adapterOf(model, stored),
    clients: [{ ...CLIENT, redirect_uris, token_endpoint_auth_method: 'client_secret_post' }],
    jwks: { keys },
    cookies: { keys: ['a key of the cookies'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...persons.get(sub), sub }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({
        clientId: client?.clientId as string,
        accountId: session?.accountId as string,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  let provider = new Provider(url, configuration());
  let callback = provider.callback();
  server.on('request', async (request, response) => {
    if (request.url === '/jwks') {
      key_requests++;
      await sleep(KEYS_TAKE_MS);
    }
    if (!request.url?.startsWith('/interaction/')) return void callback(request, response);
    const denial = { error: 'access_denied', error_description: 'the person cancelled' };
    const result = present === '' ? denial : { login: { accountId: present } };
    provider.interactionFinished(request, response, result).catch(() => response.destroy());
  });

  /** Who sits at the browser and signs in; without one the person cancels. */
  const expect = (person?: Person): void => {
    present = person?.sub ?? '';
    if (person !== undefined) persons.set(person.sub, person);
  };

  /** Follows the provider's pages as a browser does, until it leads back to us. */
  const authorize = async (location: string, person: Person): Promise<URL> => {
    expect(person);
    const cookies = new Map<string, string>();
    let next = new URL(location);
    while (next.origin === url) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split(/=(.*)/s);
        cookies.set(name, value);
      }
      const to = answer.headers.get('location');
      if (to === null) throw new Error(`${next.pathname}: ${answer.status} ${await answer.text()}`);
      next = new URL(to, url);
    }
    return next;
  };
  /** Signs by a new key from now on; the former one is published beside it, or gone. */
  const changeKeys = async (former: 'kept' | 'gone'): Promise<void> => {
    keys = [await newKey(), ...(former === 'kept' ? keys : [])];
    // What it has given out so far stands in the store.
    provider = new Provider(url, configuration());
    callback = provider.callback();
  };

  /** An id token as a native app gets it, by the present key or another one. */
  const idToken = async (person: Person, { nonce, key = keys[0] ?? first }: { nonce: string; key?: JWK }) =>
    new SignJWT({ ...person, nonce })
      .setProtectedHeader({ alg: 'RS256', kid: await calculateJwkThumbprint(key) })
      .setIssuer(url)
      .setAudience(CLIENT.client_id)
      .setIssuedAt()
      .setExpirationTime('5 min')
      .sign(await importJWK(key, 'RS256'));
  return {
    url,
    changeKeys,
    idToken,
    key: (): JWK => keys[0] ?? first,
    keyRequests: (): number => key_requests,
    expect,
    authorize,
    stop: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}

/** Keeps what a provider gives out in a store that outlives it. */
function adapterOf(model: string, stored: Map<string, AdapterPayload>): Adapter {
  const key = (id: string): string => `${model}:${id}`;
  const findBy = (field: 'uid' | 'userCode', value: string): AdapterPayload | undefined =>
    [...stored].find(([id, payload]) => id.startsWith(`${model}:`) && payload[field] === value)?.[1];
  return {
    upsert: async (id, payload) => void stored.set(key(id), payload),
    find: async (id) => stored.get(key(id)),
    findByUid: async (uid) => findBy('uid', uid),
    findByUserCode: async (code) => findBy('userCode', code),
    consume: async (id) => {
      const payload = stored.get(key(id));
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => void stored.delete(key(id)),
    revokeByGrantId: async (grantId) => {
      for (const [id, payload] of stored) if (payload.grantId === grantId) stored.delete(id);
    },
  };
}
