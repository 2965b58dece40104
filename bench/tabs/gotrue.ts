import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Upstream } from '../../tests/helpers/rough-server.ts';

interface Session {
  user: { id: string; email: string };
  /** The token that was issued last. */
  active: string;
  revoked: boolean;
}

interface RefreshToken {
  session: Session;
  parent: string | undefined;
  used_at: number | undefined;
}

/** As GoTrue documents it. */
const REUSE_INTERVAL_MS = 10_000;
/** Its client begins to refresh 90 seconds before the end: five seconds after the beginning. */
const TOKEN_SECONDS = 95;

/**
 * What auth-js asks of GoTrue, written anew: sign-up, refresh and user. Refresh tokens rotate by GoTrue's documented rule: one
 * that was used is good within the reuse interval, and as the parent of the active one; any other use ends the session. Its rows
 * are in memory and outlive a restart, as those of a database do.
 */
export function emulateGotrue(now: () => number = Date.now): () => Promise<Upstream> {
  const tokens = new Map<string, RefreshToken>();
  const access = new Map<string, Session>();

  const issue = (session: Session, parent?: string): object => {
    session.active = randomBytes(12).toString('base64url');
    tokens.set(session.active, { session, parent, used_at: undefined });
    return pairOf(session);
  };

  const pairOf = (session: Session): object => {
    const access_token = newJwt(session.user.id);
    access.set(access_token, session);
    const expires_at = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
    const { user, active: refresh_token } = session;
    return { access_token, refresh_token, token_type: 'bearer', expires_in: TOKEN_SECONDS, expires_at, user };
  };

  const refresh = (given: string): object | undefined => {
    const token = tokens.get(given);
    if (token === undefined || token.session.revoked) return undefined;
    const { session } = token;
    if (token.used_at !== undefined) {
      if (tokens.get(session.active)?.parent === given) return pairOf(session);
      session.revoked = now() - token.used_at > REUSE_INTERVAL_MS;
      if (session.revoked) return undefined;
    }
    token.used_at ??= now();
    return issue(session, given);
  };

  const serve = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const send = (status: number, body: object): void =>
      void answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (asked.url === '/auth/v1/user') {
      const session = access.get(asked.headers.authorization?.slice('Bearer '.length) ?? '');
      if (session === undefined || session.revoked) return send(403, { code: 403, error_code: 'session_not_found' });
      return send(200, session.user);
    }
    if (asked.method !== 'POST') return send(404, { code: 404, url: asked.url });
    const body = (await json(asked)) as { email?: string; refresh_token?: string };
    if (asked.url === '/auth/v1/signup') {
      const user = { id: randomUUID(), email: body.email ?? '' };
      return send(200, issue({ user, active: '', revoked: false }));
    }
    const pair = refresh(body.refresh_token ?? '');
    return pair === undefined ? send(400, { code: 400, error_code: 'refresh_token_already_used' }) : send(200, pair);
  };

  return async () => {
    const server = createServer((asked, answer) => void serve(asked, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A TCP server's address is never a path.
    const { port } = server.address() as AddressInfo;
    return { port, close: async () => server.close().closeAllConnections() };
  };
}

function newJwt(sub: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub, iat, exp: iat + TOKEN_SECONDS, jti: randomUUID() };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', 'tabs').update(text).digest('base64url')}`;
}
