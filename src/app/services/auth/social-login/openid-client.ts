import { createHash } from 'node:crypto';
import type * as OpenidClient from 'openid-client';
import type { Core } from '../../../core.ts';
import { isLoopback } from '../../../utils/loopback.ts';
import { type Claims, profileOf } from './profile.ts';
import type { Checks, Provider } from './provider.ts';
import { createProviderFetch, type ProviderFetch, REQUEST_MS, requireReachable } from './provider-fetch.ts';
import type { ProviderSettings } from './provider-settings.ts';

type Configuration = OpenidClient.Configuration;

/** The endpoints of a provider's document that are asked, or that a browser is sent to. */
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const;
/** For this time a provider's document is taken as it was read; its keys for five minutes. */
const DOCUMENT_MS = 3_600_000;

/** Loaded with the first sign-in. */
const load = (): Promise<typeof OpenidClient> => import('openid-client');

/** A provider of OpenID Connect. This file alone knows openid-client. */
export function createOpenidProvider(settings: ProviderSettings, { clock }: Pick<Core, 'clock'>): Provider {
  const { id, label, client_id, native_client_ids, scope, response_mode, redirect_uri } = settings;
  const fetching = createProviderFetch(settings.issuer);
  const forCode = remembered(clock, () => discover(settings, client_id, fetching));
  const forIdToken = new Map(
    [client_id, ...native_client_ids].map((audience) => [
      audience,
      remembered(clock, async () => {
        const config = await discover(settings, audience, fetching);
        (await load()).useIdTokenResponseType(config);
        return config;
      }),
    ]),
  );
  return {
    id,
    label,
    authorizationUrl: async (checks) => {
      const [client, config] = await Promise.all([load(), forCode()]);
      const parameters = {
        ...{ redirect_uri, scope, state: checks.state, nonce: checks.nonce },
        code_challenge: await client.calculatePKCECodeChallenge(checks.code_verifier),
        code_challenge_method: 'S256',
        ...(response_mode && { response_mode }),
      };
      return client.buildAuthorizationUrl(config, parameters).href;
    },
    redeem: async (query, checks) => {
      const [client, config] = await Promise.all([load(), forCode()]);
      return profileOf(settings, await claimsByCode(client, config, { redirect_uri, query, checks }));
    },
    verifyIdToken: async (id_token, nonce) => {
      const told = payloadOf(id_token);
      const audience = [told.aud].flat().find((one) => typeof one === 'string' && forIdToken.has(one));
      const [client, config] = await Promise.all([load(), forIdToken.get(String(audience ?? client_id))?.()]);
      if (config === undefined) throw new Error('an id token without an audience');
      // Apple's and Google's libraries send the hash of what the app passes them.
      const hashed = createHash('sha256').update(nonce).digest('hex');
      const url = new URL(`${redirect_uri}#${new URLSearchParams({ id_token })}`);
      const expected = told.nonce === hashed ? hashed : nonce;
      return profileOf(settings, await client.implicitAuthentication(config, url, expected));
    },
  };
}

/** The claims of who comes back with a code. They are of the id token, or of the userinfo endpoint if the address is there alone. */
async function claimsByCode(
  client: typeof OpenidClient,
  config: Configuration,
  { redirect_uri, query, checks }: { redirect_uri: string; query: URLSearchParams; checks: Checks },
): Promise<Claims> {
  const tokens = await client.authorizationCodeGrant(config, new URL(`${redirect_uri}?${query}`), {
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    pkceCodeVerifier: checks.code_verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new Error('no id token');
  if (claims.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  const { email, email_verified, name } = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  return { ...claims, email, email_verified, name: claims.name ?? name };
}

/** Reads the provider's document for one of our client ids, and refuses one that leads elsewhere. */
async function discover(
  { issuer, client_id, client_secret }: ProviderSettings,
  audience: string,
  fetching: ProviderFetch,
): Promise<Configuration> {
  const client = await load();
  // A native app's tokens come from it, and are verified alone.
  const secret = audience === client_id ? client_secret?.reveal() : undefined;
  const config = await client.discovery(new URL(issuer), audience, {}, authentication(client, secret), {
    timeout: REQUEST_MS / 1000,
    // Its bodies are forms.
    [client.customFetch]: (url, options) =>
      fetching(url, { ...options, body: options.body as URLSearchParams | undefined }),
    execute: [
      client.enableNonRepudiationChecks,
      ...(isLoopback(new URL(issuer).hostname) ? [client.allowInsecureRequests] : []),
    ],
  });
  const metadata = config.serverMetadata();
  for (const endpoint of ENDPOINTS) {
    const address = metadata[endpoint];
    if (address !== undefined) requireReachable(address, issuer);
    else if (endpoint !== 'userinfo_endpoint') throw new Error(`the provider's document has no ${endpoint}`);
  }
  return config;
}

/** The client's secret in the way that the provider's document names; HTTP's Basic is the default (RFC 8414 §2). */
function authentication(client: typeof OpenidClient, secret: string | undefined): OpenidClient.ClientAuth {
  if (secret === undefined) return client.None();
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, metadata, body, headers) => {
    const isPosted = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    return (isPosted ? post : basic)(server, metadata, body, headers);
  };
}

/** Asks once for all who wait, and keeps the answer for an hour; a failure is not kept. */
function remembered<T>({ now }: Core['clock'], ask: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; until: number } | undefined;
  return async () => {
    const time = now().getTime();
    if (kept === undefined || kept.until <= time) {
      const asked = { value: ask(), until: time + DOCUMENT_MS };
      kept = asked;
      asked.value.catch(() => {
        if (kept === asked) kept = undefined;
      });
    }
    return kept.value;
  };
}

/** What a JWT says before it is verified; nothing is believed of it. */
function payloadOf(token: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    // An object's fields are read one by one.
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
