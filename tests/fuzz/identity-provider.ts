import type { JWTPayload } from 'jose';
import { CLIENT, type Issuers } from '../helpers/issuer.ts';
import type { Header } from './corpora/headers.ts';

const APP = 'https://app.example.com/signed-in';
/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const NONCE = 'n-0S6_WzA2Mj';
const PERSON = { sub: 'subject-9', email: 'person-9@example.com', email_verified: true, name: 'Ada' };

/** The cookie that the start of a sign-in set. */
export const FLOW_COOKIE: Header = ['Cookie', '{{flow_cookie}}'];

/** What fields of sign-ins mean something here; place holders are filled in by the run. */
export const OF_SIGN_INS: Readonly<Record<string, readonly string[]>> = {
  provider: ['corp', 'corp', 'corp', 'liar'],
  redirect_to: [APP],
  code_challenge: [CHALLENGE],
  code_verifier: [VERIFIER],
  nonce: [NONCE, NONCE, 'another'],
  state: ['{{flow_state}}'],
  code: ['{{flow_code}}'],
  iss: ['{{flow_issuer}}'],
  id_token: ['{{id_token}}', '{{id_token_stranger}}', '{{id_token_old}}', '{{id_token_odd}}'],
};

/** One provider that is honest and one that lies; one that is not there is a 503, which here is a fault. */
export function providerSettings(url: string): Record<string, string> {
  const of = (name: string, issuer: string): Record<string, string> => ({
    [`OIDC_${name}_ISSUER`]: issuer,
    [`OIDC_${name}_CLIENT_ID`]: CLIENT.client_id,
    [`OIDC_${name}_CLIENT_SECRET`]: CLIENT.client_secret,
  });
  return {
    ...of('CORP', `${url}/corp`),
    ...of('LIAR', `${url}/liar`),
    OAUTH_REDIRECTS: APP,
  };
}

/** Begins one sign-in that every batch can finish, and mints id tokens; teaches the liar to lie. */
export async function beginSignIn(port: number, issuers: Issuers): Promise<Record<string, string>> {
  issuers.lie('corp', { reusable: true });
  issuers.lie('liar', {
    claims: (claims) => ({ ...claims, aud: ['elsewhere', '\0'], email: ['a'] as unknown as string, exp: -1 }),
    answer: { jwks: (response) => response.end('{"keys":[null,{"kty":"EC"}]}') },
  });
  const query = new URLSearchParams({ code_challenge: CHALLENGE, code_challenge_method: 'S256' });
  const answer = await fetch(`http://127.0.0.1:${port}/auth/oauth/corp/start?${query}`, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`no sign-in begins: ${answer.status} ${await answer.text()}`);
  const back = issuers.authorize(location, PERSON).searchParams;
  const now = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    ...PERSON,
    iss: `${issuers.url}/corp`,
    aud: CLIENT.client_id,
    iat: now,
    exp: now + 86_400,
    nonce: NONCE,
  };
  return {
    flow_cookie: answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '',
    flow_state: back.get('state') ?? '',
    flow_code: back.get('code') ?? '',
    flow_issuer: back.get('iss') ?? '',
    id_token: await issuers.sign(claims),
    id_token_stranger: await issuers.sign(claims, issuers.stranger),
    id_token_old: await issuers.sign({ ...claims, exp: now - 3600 }),
    id_token_odd: await issuers.sign({ ...claims, sub: '\0'.repeat(9), email: { toString: 1 }, name: ['x'] }),
  };
}
