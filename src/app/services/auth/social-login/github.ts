import { createHash } from 'node:crypto';
import { profileOf } from './profile.ts';
import type { Provider } from './provider.ts';
import { createProviderFetch, type ProviderFetch } from './provider-fetch.ts';
import type { ProviderSettings } from './provider-settings.ts';

/** Beyond it the rest is not looked at. */
const MAX_ADDRESSES = 100;

/** GitHub is no OpenID Connect issuer: it has OAuth 2.0, a user and a list of addresses. Its token is used once and not kept. */
export function createGitHub(settings: ProviderSettings): Provider {
  const { id, label, client_id, client_secret, scope, redirect_uri } = settings;
  const site = settings.issuer.replace(/\/+$/, '');
  const api = site === 'https://github.com' ? 'https://api.github.com' : `${site}/api/v3`;
  // GitHub's own API is another host than its site, and each is asked as its own issuer.
  const [fromSite, fromApi] = [createProviderFetch(site), createProviderFetch(api)];
  const read = (path: string, token: string): Promise<unknown> =>
    jsonOf(fromApi, `${api}${path}`, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
    });
  return {
    id,
    label,
    authorizationUrl: async ({ state, code_verifier }) => {
      const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
      const query = { client_id, redirect_uri, scope, state, code_challenge, code_challenge_method: 'S256' };
      return `${site}/login/oauth/authorize?${new URLSearchParams(query)}`;
    },
    redeem: async (query, { code_verifier }) => {
      const form = {
        ...{ client_id, client_secret: client_secret?.reveal() ?? '', redirect_uri, code_verifier },
        code: query.get('code') ?? '',
      };
      const { access_token } = fieldsOf(
        await jsonOf(fromSite, `${site}/login/oauth/access_token`, {
          method: 'POST',
          headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(form).toString(),
        }),
      );
      // A code that is not good is answered with 200 and an error.
      if (typeof access_token !== 'string' || !/^[\x21-\x7e]{1,1000}$/.test(access_token)) throw untrue('no token');
      const [user, emails] = await Promise.all([read('/user', access_token), read('/user/emails', access_token)]);
      const { id: number, name, login } = fieldsOf(user);
      if (!Number.isSafeInteger(number)) throw untrue('no user');
      const primary = (Array.isArray(emails) ? emails : [])
        .slice(0, MAX_ADDRESSES)
        .map(fieldsOf)
        .find((one) => one.primary === true && one.verified === true);
      const address = { email: primary?.email, email_verified: primary?.verified };
      return profileOf(settings, { iss: site, sub: String(number), ...address, name: name ?? login });
    },
  };
}

async function jsonOf(fetching: ProviderFetch, url: string, request: Parameters<ProviderFetch>[1]): Promise<unknown> {
  const response = await fetching(url, request);
  if (response.status === 401 || response.status === 403) throw untrue(`status ${response.status}`);
  if (response.status !== 200) throw new Error(`the provider answered ${response.status}`);
  return response.json();
}

/** The fields of an object, each of any type; none of anything else. */
function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** In the form of openid-client's errors. */
function untrue(message: string): Error {
  return Object.assign(new Error(message), { code: 'OAUTH_INVALID_RESPONSE' });
}
