import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { CLIENT, type Person } from './issuer.ts';

/** oidc-provider as an issuer in this process: a real implementation of the other side. The person of the last call signs in. */
export async function startOidcProvider(redirect_uris: string[]) {
  const persons = new Map<string, Person>();
  let present = '';
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const configuration: Configuration = {
    clients: [{ ...CLIENT, redirect_uris, token_endpoint_auth_method: 'client_secret_post' }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
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
  };
  const provider = new Provider(url, configuration);
  const callback = provider.callback();
  server.on('request', (request, response) => {
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
  return {
    url,
    expect,
    authorize,
    stop: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
