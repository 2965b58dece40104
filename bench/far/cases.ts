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

const ALL: readonly ServerKind[] = ['back', 'limit', 'express'];
const OURS: readonly ServerKind[] = ['back'];
const NEW_PASSWORD = 'another correct horse battery staple';

export const FAR_CASES: readonly FarCase[] = [
  { name: 'GET /auth/me', servers: ALL, prepare: bearer('GET', '/auth/me') },
  { name: 'GET /items', servers: ALL, prepare: bearer('GET', '/items') },
  { name: 'POST /items', servers: OURS, prepare: bearer('POST', '/items', () => ({ title: 'far' })) },
  { name: 'PATCH /auth/me', servers: OURS, prepare: bearer('PATCH', '/auth/me', () => ({ name: 'Ada' })) },
  { name: 'POST /auth/refresh', servers: ALL, prepare: refresh },
  { name: 'POST /auth/login', servers: ALL, prepare: login },
  { name: 'POST /auth/register', servers: OURS, prepare: register },
  { name: 'POST /auth/me/password', servers: OURS, prepare: changePassword },
];

function bearer(method: string, path: string, body?: () => object): FarCase['prepare'] {
  return async ({ access_tokens }) =>
    () => ({ path, init: { method, ...json(body?.(), access_tokens[0]) } });
}

/** Each server has sessions of its own, one for each round. */
async function refresh({ newRefreshTokens }: Fixtures): ReturnType<FarCase['prepare']> {
  const tokens: string[] = [];
  for (let count = 0; count < 3; count++) tokens.push(...(await newRefreshTokens()));
  return () => ({ path: '/auth/refresh', init: { method: 'POST', ...json({ refresh_token: tokens.pop() }) } });
}

async function login({ subjects }: Fixtures): ReturnType<FarCase['prepare']> {
  return (_server, round) => {
    const email = subjects[(round + 1) % subjects.length]?.email;
    return { path: '/auth/login', init: { method: 'POST', ...json({ email, password: PASSWORD }) } };
  };
}

async function register(): ReturnType<FarCase['prepare']> {
  return () => {
    const email = `${randomUUID()}@example.com`;
    return { path: '/auth/register', init: { method: 'POST', ...json({ email, password: PASSWORD }) } };
  };
}

/** There and back again, for each server with a user of its own. */
async function changePassword({ access_tokens }: Fixtures): ReturnType<FarCase['prepare']> {
  return ({ name }, round) => {
    const words = [PASSWORD, NEW_PASSWORD];
    const body = { current_password: words[round % 2], new_password: words[(round + 1) % 2] };
    return {
      path: '/auth/me/password',
      init: { method: 'POST', ...json(body, access_tokens[name === 'back' ? 1 : 2]) },
    };
  };
}

function json(body: object | undefined, token?: string): RequestInit {
  return {
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  };
}
