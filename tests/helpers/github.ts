import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An account of the look-alike. */
export interface GitHubUser {
  id: unknown;
  login: string;
  name?: string | null;
  emails: unknown;
}

export const GITHUB_CLIENT = { client_id: 'github-client', client_secret: 'github secret' };

/** A look-alike of GitHub Enterprise Server: its site, and its API below `/api/v3`. A wrong code is answered with 200 and an error, as there. */
export async function startGitHub() {
  const codes = new Map<string, { user: GitHubUser; query: URLSearchParams }>();
  const tokens = new Map<string, GitHubUser>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', url);
    const user = tokens.get(request.headers.authorization?.slice('Bearer '.length) ?? '');
    if (pathname === '/login/oauth/access_token')
      return json(response, grant(new URLSearchParams(await textOf(request))));
    if (user === undefined) return json(response, { message: 'Bad credentials' }, 401);
    const { emails, ...profile } = user;
    if (pathname === '/api/v3/user') return json(response, profile);
    if (pathname === '/api/v3/user/emails') return json(response, emails);
    return json(response, { message: 'Not Found' }, 404);
  }

  function grant(form: URLSearchParams): object {
    const granted = codes.get(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      form.get('client_id') === GITHUB_CLIENT.client_id &&
      form.get('client_secret') === GITHUB_CLIENT.client_secret &&
      granted?.query.get('code_challenge') === verifier;
    if (!isRight || granted === undefined) return { error: 'bad_verification_code' };
    codes.delete(form.get('code') ?? '');
    const access_token = `gho_${randomUUID()}`;
    tokens.set(access_token, granted.user);
    return { access_token, token_type: 'bearer', scope: 'user:email' };
  }

  return {
    url,
    tokens,
    /** What the person does at GitHub; gives the address that the browser is sent back to. */
    authorize: (location: string, user: GitHubUser): URL => {
      const { searchParams: query } = new URL(location);
      const code = randomUUID();
      codes.set(code, { user, query });
      const back = new URL(query.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', query.get('state') ?? '');
      return back;
    },
    stop: (): void => void server.close(),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
