import { randomUUID } from 'node:crypto';
import { type Fixtures, PASSWORD } from '../fixtures.ts';
import type { FarServer, ServerKind } from './servers.ts';

export interface FarRequest {
  path: string;
  init: RequestInit;
}

/** One request, sent to each server in turns. */
export interface FarCase {
  readonly name: string;
  readonly servers: readonly ServerKind[];
  /** The next request of a server. */
  readonly prepare: (fixtures: Fixtures) => Promise<(server: FarServer, round: number) => FarRequest>;
}

const ALL: readonly ServerKind[] = ['back', 'by-hand', 'express', 'better-auth'];
const WRITING: readonly ServerKind[] = ['back', 'by-hand'];
const ACCOUNTS: readonly ServerKind[] = [...WRITING, 'better-auth'];
const NEW_PASSWORD = 'another correct horse battery staple';

/** Each server does what it has an operation for. */
export const FAR_CASES: readonly FarCase[] = [
  { name: 'GET /auth/me', servers: ALL, prepare: bearer('GET', '/auth/me') },
  { name: 'GET /kit-notes', servers: ['back', 'by-hand', 'express'], prepare: bearer('GET', '/kit-notes') },
  { name: 'POST /kit-notes', servers: WRITING, prepare: bearer('POST', '/kit-notes', () => ({ title: 'far' })) },
  {
    name: 'PATCH /auth/me',
    servers: ACCOUNTS,
    prepare: bearer('PATCH', '/auth/me', (round) => ({ name: `Ada ${round}` })),
  },
  { name: 'POST /auth/refresh', servers: ['back', 'by-hand', 'express'], prepare: refresh },
  { name: 'POST /auth/login', servers: ALL, prepare: login },
  { name: 'POST /auth/register', servers: ACCOUNTS, prepare: register },
  { name: 'POST /auth/me/password', servers: ACCOUNTS, prepare: changePassword },
];

/** better-auth's names of the same operations. */
const BETTER_AUTH: Readonly<Record<string, { method: string; path: string }>> = {
  'GET /auth/me': { method: 'GET', path: '/api/auth/get-session' },
  'PATCH /auth/me': { method: 'POST', path: '/api/auth/update-user' },
  'POST /auth/login': { method: 'POST', path: '/api/auth/sign-in/email' },
  'POST /auth/register': { method: 'POST', path: '/api/auth/sign-up/email' },
  'POST /auth/me/password': { method: 'POST', path: '/api/auth/change-password' },
};

function bearer(method: string, path: string, body?: (round: number) => object): FarCase['prepare'] {
  return async (fixtures) => (server, round) =>
    request(server, `${method} ${path}`, { body: body?.(round), token: tokenOf(server, fixtures, 0) });
}

/** Each server has sessions of its own, one for each round. */
async function refresh({ newRefreshTokens }: Fixtures): ReturnType<FarCase['prepare']> {
  const tokens: string[] = [];
  for (let count = 0; count < 3; count++) tokens.push(...(await newRefreshTokens()));
  return (server) => request(server, 'POST /auth/refresh', { body: { refresh_token: tokens.pop() } });
}

async function login({ subjects }: Fixtures): ReturnType<FarCase['prepare']> {
  return (server, round) => {
    const email = subjects[(round + 10) % subjects.length]?.email;
    return request(server, 'POST /auth/login', { body: { email, password: PASSWORD } });
  };
}

async function register(): ReturnType<FarCase['prepare']> {
  return (server) => {
    const name = server.kind === 'better-auth' ? { name: 'Ada' } : {};
    const body = { email: `${randomUUID()}@example.com`, password: PASSWORD, ...name };
    return request(server, 'POST /auth/register', { body });
  };
}

/** There and back again, for each server with a user of its own. */
async function changePassword(fixtures: Fixtures): ReturnType<FarCase['prepare']> {
  const users = new Map<string, number>();
  return (server, round) => {
    const user = users.get(server.name) ?? users.size + 1;
    users.set(server.name, user);
    const words = [PASSWORD, NEW_PASSWORD];
    const [current, next] = [words[round % 2], words[(round + 1) % 2]];
    const body =
      server.kind === 'better-auth'
        ? { currentPassword: current, newPassword: next }
        : { current_password: current, new_password: next };
    return request(server, 'POST /auth/me/password', { body, token: tokenOf(server, fixtures, user) });
  };
}

function tokenOf({ kind }: FarServer, { access_tokens, better_auth_tokens }: Fixtures, user: number): string {
  return (kind === 'better-auth' ? better_auth_tokens : access_tokens)[user] ?? '';
}

function request(
  { kind, url }: FarServer,
  name: string,
  { body, token }: { body?: object | undefined; token?: string },
): FarRequest {
  const [own = '', ownPath = ''] = name.split(' ');
  const { method, path } = (kind === 'better-auth' && BETTER_AUTH[name]) || { method: own, path: ownPath };
  return {
    path,
    init: {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        // It takes a login from its own pages alone.
        ...(kind === 'better-auth' && { origin: url }),
      },
    },
  };
}
