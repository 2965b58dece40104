import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { CLIENT, type Issuers, type Person, startIssuers } from './issuer.ts';

const APP = 'https://app.example.com/signed-in';
const NATIVE = 'native-client';

/** Where a callback sent the browser. */
export interface Arrived {
  status: number;
  /** Of the app's address; empty if the answer is a refusal. */
  found: Record<string, string>;
  /** Of a refusal. */
  code?: string;
  verifier: string;
}

/** A sign-in that the browser carries. */
export interface Departed {
  location: string;
  cookie: string;
  verifier: string;
}

/** The application with issuers of all kinds: Google, Microsoft, Apple, `corp` with authority over corp.example, `other` with none. */
export async function startSocialApi(environment: Record<string, string> = {}) {
  const issuers = await startIssuers();
  const api = startApi({ ...settingsOf(issuers), LIMIT_REGISTRATIONS_PER_IP: '100000/5m', ...environment });
  afterEach(() => issuers.repent());
  afterAll(() => issuers.stop());
  const browser = browserOf(api, issuers);
  return { api, issuers, ...browser };
}

/** What a browser and an app do, with one application. */
export function browserOf(api: Pick<TestApi, 'request'>, issuers: Issuers) {
  /** With the cookie of a browser in which other sign-ins are under way. */
  const depart = async (provider: string, query: Record<string, string> = {}, cookie = ''): Promise<Departed> => {
    const verifier = randomBytes(32).toString('base64url');
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    const all = { redirect_to: APP, code_challenge, code_challenge_method: 'S256', ...query };
    return open(`/auth/oauth/${provider}/start?${new URLSearchParams(all)}`, verifier, cookie);
  };
  const open = async (url: string, verifier = '', cookie = ''): Promise<Departed> => {
    const answer = await api.request({ url, headers: { cookie } });
    if (answer.statusCode !== 303) throw new Error(`no departure: ${answer.statusCode} ${answer.body}`);
    return { location: String(answer.headers.location), cookie: cookieOf(answer.headers['set-cookie']), verifier };
  };
  const arrive = async ({ cookie, verifier }: Departed, back: URL): Promise<Arrived> => {
    const answer = await api.request({ url: `${back.pathname}${back.search}`, headers: { cookie } });
    const { statusCode: status, headers } = answer;
    if (status !== 303) return { status, found: {}, code: answer.json().code, verifier };
    return { status, found: Object.fromEntries(new URL(String(headers.location)).searchParams), verifier };
  };
  const visit = async (provider: string, person: Person): Promise<Arrived> => {
    const departed = await depart(provider);
    return arrive(departed, issuers.authorize(departed.location, person));
  };
  const exchange = ({ found, verifier }: Pick<Arrived, 'found' | 'verifier'>) =>
    api.request({
      method: 'POST',
      url: '/auth/oauth/exchange',
      payload: { code: found.code ?? '-', code_verifier: verifier },
    });
  const signIn = async (provider: string, person: Person) => exchange(await visit(provider, person));
  const idToken = (provider: string, payload: { id_token: string; nonce: string }) =>
    api.request({ method: 'POST', url: `/auth/oauth/${provider}/id-token`, payload });
  return { depart, open, arrive, visit, exchange, signIn, idToken };
}

export function settingsOf({ url }: Issuers): Record<string, string> {
  const { client_id, client_secret } = CLIENT;
  const known = ['GOOGLE', 'MICROSOFT', 'APPLE'].flatMap((name) => [
    [`OAUTH_${name}_CLIENT_ID`, client_id],
    [`OAUTH_${name}_CLIENT_SECRET`, client_secret],
    [`OAUTH_${name}_ISSUER`, `${url}/${name.toLowerCase()}`],
    [`OAUTH_${name}_NATIVE_CLIENT_IDS`, NATIVE],
  ]);
  const own = ['CORP', 'OTHER', 'LIAR', 'MIXED', 'SLOW', 'HUGE', 'MOVED', 'INSIDE', 'GONE'].flatMap((name) => [
    [`OIDC_${name}_CLIENT_ID`, client_id],
    [`OIDC_${name}_CLIENT_SECRET`, client_secret],
    [`OIDC_${name}_ISSUER`, `${url}/${name.toLowerCase()}`],
  ]);
  return {
    ...Object.fromEntries([...known, ...own]),
    OIDC_CORP_LABEL: 'Corp',
    OIDC_CORP_DOMAINS: 'corp.example, example.com',
    OIDC_GONE_ISSUER: 'http://127.0.0.1:9',
    OAUTH_REDIRECTS: `${APP},com.example.app:/signed-in`,
  };
}

function cookieOf(header: string | string[] | number | undefined): string {
  return String([header].flat()[0] ?? '').split(';', 1)[0] ?? '';
}
