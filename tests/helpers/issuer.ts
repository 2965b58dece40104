import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** Who signs in at an issuer: the claims of the person. */
export interface Person {
  sub: string;
  email?: string;
  email_verified?: unknown;
  name?: string;
  hd?: string;
}

/** How an issuer answers otherwise than an honest one does. */
export interface Lies {
  discovery?: (document: Record<string, unknown>) => unknown;
  claims?: (claims: JWTPayload) => JWTPayload;
  sign?: (claims: JWTPayload) => Promise<string> | string;
  /** Takes the answer over, by the last part of the path. */
  answer?: Partial<Record<'openid-configuration' | 'token' | 'jwks' | 'userinfo', (response: ServerResponse) => void>>;
  /** Takes a code as often as it comes. */
  reusable?: boolean;
  /** The address stands at the userinfo endpoint alone. */
  thin?: boolean;
}

export const CLIENT = { client_id: 'back-client', client_secret: 'a secret of the client' };

/**
 * A server with an OpenID Connect issuer under every name: `${url}/corp`, `${url}/google`. It keeps the rules of the code flow,
 * and lies where it is told to.
 */
export async function startIssuers() {
  const keys = await generateKeyPair('ES256', { extractable: true });
  const stranger = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const codes = new Map<string, { person: Person; query: URLSearchParams }>();
  const lies = new Map<string, Lies>();
  /** What was asked, as `name/part`. */
  const asked: string[] = [];

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const sign = (claims: JWTPayload, key: CryptoKey | KeyObject = keys.privateKey): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key);
  const claimsOf = (name: string, person: Person, nonce: string | null): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    const { email: _email, email_verified: _verified, ...thin } = person;
    const told = lies.get(name)?.thin ? thin : person;
    return { ...told, iss: `${url}/${name}`, aud: CLIENT.client_id, iat: now, exp: now + 300, ...(nonce && { nonce }) };
  };
  const signedFor = async (name: string, person: Person, nonce: string | null): Promise<string> => {
    const lie = lies.get(name) ?? {};
    const claims = claimsOf(name, person, nonce);
    return (lie.sign ?? sign)(lie.claims?.(claims) ?? claims);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', ...rest] = new URL(request.url ?? '', url).pathname.split('/');
    const part = rest.at(-1) ?? '';
    const lie = lies.get(name) ?? {};
    const body = await textOf(request);
    asked.push(`${name}/${part}`);
    const taken = lie.answer?.[part as 'token'];
    if (taken !== undefined) return taken(response);
    if (part === 'openid-configuration') {
      const document = documentOf(`${url}/${name}`);
      return json(response, lie.discovery?.(document) ?? document);
    }
    if (part === 'jwks') return json(response, { keys: [jwk] });
    if (part === 'userinfo') {
      const person = codes.get(request.headers.authorization?.slice('Bearer '.length) ?? '')?.person;
      return person === undefined ? json(response, {}, 401) : json(response, person);
    }
    return token(request, response, { name, form: new URLSearchParams(body) });
  }

  async function token(
    { headers }: IncomingMessage,
    response: ServerResponse,
    { name, form }: { name: string; form: URLSearchParams },
  ): Promise<void> {
    const code = form.get('code') ?? '';
    const granted = codes.get(code);
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isClient =
      basicOf(headers.authorization) === `${CLIENT.client_id}:${CLIENT.client_secret}` ||
      form.get('client_secret') === CLIENT.client_secret;
    const isRight =
      granted !== undefined &&
      isClient &&
      verifier === granted.query.get('code_challenge') &&
      form.get('redirect_uri') === granted.query.get('redirect_uri');
    if (!isRight) return json(response, { error: 'invalid_grant' }, 400);
    if (!lies.get(name)?.reusable) codes.delete(code);
    const access_token = randomUUID();
    codes.set(access_token, granted);
    const id_token = await signedFor(name, granted.person, granted.query.get('nonce'));
    json(response, { access_token, token_type: 'Bearer', expires_in: 60, id_token });
  }

  return {
    url,
    asked,
    stranger: stranger.privateKey,
    publicJwk: jwk,
    sign,
    /** An id token as a native app gets it. */
    idToken: (name: string, person: Person, nonce: string) => signedFor(name, person, nonce),
    /** What the person does at the provider; gives the address that the browser is sent back to. */
    authorize: (location: string, person: Person): URL => {
      const { searchParams: query, pathname } = new URL(location);
      const code = randomUUID();
      codes.set(code, { person, query });
      const back = new URL(query.get('redirect_uri') ?? '');
      const issuer = `${url}/${pathname.split('/')[1]}`;
      for (const [name, value] of Object.entries({ code, state: query.get('state') ?? '', iss: issuer }))
        back.searchParams.set(name, value);
      return back;
    },
    lie: (name: string, lie: Lies): void => void lies.set(name, lie),
    repent: (): void => lies.clear(),
    stop: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Issuers = Awaited<ReturnType<typeof startIssuers>>;

function documentOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    id_token_signing_alg_values_supported: ['ES256', 'RS256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** The two parts of HTTP's Basic, each of them decoded as a form's (RFC 6749 §2.3.1). */
function basicOf(header = ''): string {
  const text = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  return decodeURIComponent(text.replaceAll('+', ' '));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
