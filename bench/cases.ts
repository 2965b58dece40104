import type autocannon from 'autocannon';
import { type Fixtures, PASSWORD } from './fixtures.ts';
import { type Measurement, measure, type Requests } from './load.ts';
import type { Server } from './servers.ts';

export type ServerName = 'back' | 'limit' | 'express' | 'better-auth' | 'bcrypt';

/** One thing that is measured of several servers, one after the other. */
export interface Case {
  readonly name: string;
  readonly servers: readonly ServerName[];
  /** The only numbers of connections at which the case makes sense; all where it is left out. */
  readonly connections?: readonly number[];
  readonly run: (target: Target, load: Load) => Promise<Measurement>;
}

export interface Load {
  connections: number;
  seconds: number;
}

/** A server and what it lets in. */
export interface Target {
  server: Server;
  fixtures: Fixtures;
}

/** How many people log in at once in the storm. */
export const STORM_LOGINS = 150;

/** Every case, in the order of the table. */
export const CASES: readonly Case[] = [
  { name: '/health', servers: ['back', 'limit', 'express'], run: timed(() => () => [{ path: '/health' }]) },
  { name: '/auth/me', servers: ['back', 'limit', 'express', 'better-auth'], run: timed(meRequests) },
  { name: '/items', servers: ['back', 'limit', 'express'], run: timed(itemsRequests) },
  { name: '/auth/refresh', servers: ['back', 'limit', 'express'], run: refresh },
  {
    name: '/auth/login',
    servers: ['back', 'bcrypt', 'limit', 'express', 'better-auth'],
    connections: [1, 8, 64],
    run: login,
  },
  { name: 'storm', servers: ['back', 'limit', 'express', 'better-auth'], connections: [8], run: storm },
];

const JSON_HEADERS = { 'content-type': 'application/json' };
/** So many that a core that falls idle at the end does not count. */
const LOGINS = 32;

/** The requests of the connection with a number. */
type RequestsOf = (connection: number) => Requests;

function timed(requestsOf: (target: Target) => RequestsOf): Case['run'] {
  return (target, load) => measure({ url: target.server.url, ...load, requests: requestsOf(target) });
}

function meRequests({ server, fixtures }: Target): RequestsOf {
  return server.name === 'better-auth'
    ? bearer('/api/auth/get-session', fixtures.better_auth_tokens)
    : bearer('/auth/me', fixtures.access_tokens);
}

function itemsRequests({ fixtures }: Target): RequestsOf {
  return bearer('/items', fixtures.access_tokens);
}

function bearer(path: string, tokens: readonly string[]): RequestsOf {
  return rotated(tokens.map((token) => ({ path, headers: { authorization: `Bearer ${token}` } })));
}

/** Every connection walks through all requests, each from another place. */
function rotated(requests: Requests): RequestsOf {
  return (connection) => {
    const start = connection % requests.length;
    return [...requests.slice(start), ...requests.slice(0, start)];
  };
}

/** Each connection owns one session and sends the token that it got last. */
async function refresh({ server, fixtures }: Target, load: Load): Promise<Measurement> {
  const tokens = await fixtures.freshRefreshTokens();
  const request = (connection: number): autocannon.Request => ({
    method: 'POST',
    path: '/auth/refresh',
    headers: JSON_HEADERS,
    setupRequest: (request) => ({ ...request, body: JSON.stringify({ refresh_token: tokens[connection] }) }),
    onResponse: (status, body) => {
      if (status === 200) tokens[connection] = JSON.parse(body).refresh_token;
    },
  });
  return measure({ url: server.url, ...load, requests: (connection) => [request(connection)] });
}

/** A fixed number of logins: at four a second, a fixed time would cut off too much of one. */
function login(target: Target, { connections }: Load): Promise<Measurement> {
  const amount = Math.max(LOGINS, connections);
  return measure({ url: target.server.url, connections, amount, requests: rotated(loginRequests(target)) });
}

/** `/auth/me` while many people log in: the queue of hashes outlasts the measurement, and is waited for afterwards. */
async function storm(target: Target, load: Load): Promise<Measurement> {
  const { url } = target.server;
  const logins = loginRequests(target).slice(0, STORM_LOGINS);
  const answers = logins.map(async ({ path, body }) => {
    const response = await fetch(url + path, { method: 'POST', headers: JSON_HEADERS, body: String(body) });
    await response.arrayBuffer();
  });
  const measured = await measure({ url, ...load, requests: meRequests(target) });
  await Promise.all(answers);
  return measured;
}

function loginRequests({ server, fixtures }: Target): Requests {
  const path = server.name === 'better-auth' ? '/api/auth/sign-in/email' : '/auth/login';
  return fixtures.subjects.map(({ email }) => ({
    method: 'POST',
    path,
    headers: JSON_HEADERS,
    body: JSON.stringify({ email, password: PASSWORD }),
  }));
}
