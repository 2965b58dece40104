import type autocannon from 'autocannon';
import type { RequestOptions } from '../tests/helpers/soft-authenticator.ts';
import { type Fixtures, PASSWORD, RELYING_PARTY } from './fixtures.ts';
import { measureFlows, sendStep } from './flows.ts';
import { type LoadOptions, type Measurement, measure, type Requests } from './load.ts';
import type { Server } from './servers.ts';
import type { WaysIn } from './ways-in.ts';

/** `other` is another checkout of the application; `by-hand` counts the limits as well, in the ordinary way. */
export type ServerName =
  | 'back'
  | 'other'
  | 'limit'
  | 'by-hand'
  | 'express'
  | 'better-auth'
  | 'better-auth-passkeys'
  | 'bcrypt';

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
  ways_in: WaysIn;
}

/** How many people log in at once in the storm. */
const STORM_LOGINS = 150;

/** Every case, in the order of the table. */
export const CASES: readonly Case[] = [
  { name: '/health', servers: ['back', 'other', 'limit', 'express'], run: timed(() => () => [{ path: '/health' }]) },
  { name: '/auth/me', servers: ['back', 'other', 'limit', 'express', 'better-auth'], run: timed(meRequests) },
  { name: '/kit-notes', servers: ['back', 'other', 'limit', 'express'], run: timed(itemsRequests) },
  { name: '/auth/refresh', servers: ['back', 'other', 'limit', 'by-hand', 'express'], run: refresh },
  {
    name: '/auth/login',
    servers: ['back', 'other', 'bcrypt', 'limit', 'express', 'better-auth'],
    connections: [1, 8, 64],
    run: login,
  },
  { name: 'login-totp', servers: ['back', 'other', 'better-auth'], connections: [1, 8, 64], run: loginByApp },
  {
    name: 'login-passkey',
    servers: ['back', 'other', 'better-auth-passkeys'],
    connections: [1, 8, 64],
    run: loginByPasskey,
  },
  { name: 'register', servers: ['back', 'other'], connections: [1, 64], run: register },
  { name: 'forgot-password', servers: ['back', 'other'], connections: [1, 64], run: forgotPassword('user') },
  { name: 'forgot-unknown', servers: ['back', 'other'], connections: [1, 64], run: forgotPassword('nobody') },
  { name: 'reset-password', servers: ['back', 'other'], connections: [1, 64], run: resetPassword },
  { name: 'storm', servers: ['back', 'other', 'limit', 'express', 'better-auth'], connections: [8], run: storm },
];

const JSON_HEADERS = { 'content-type': 'application/json' };
/** Enough that a core that falls idle at the end does not count. */
const LOGINS = 32;

function timed(requestsOf: (target: Target) => LoadOptions['requests']): Case['run'] {
  return (target, load) => measure({ url: target.server.url, ...load, requests: requestsOf(target) });
}

function meRequests({ server, fixtures }: Target): LoadOptions['requests'] {
  return server.name === 'better-auth'
    ? bearer('/api/auth/get-session', fixtures.better_auth_tokens)
    : bearer('/auth/me', fixtures.access_tokens);
}

function itemsRequests({ fixtures }: Target): LoadOptions['requests'] {
  return bearer('/kit-notes', fixtures.access_tokens);
}

function bearer(path: string, tokens: readonly string[]): LoadOptions['requests'] {
  return shared(tokens.map((token) => ({ path, headers: { authorization: `Bearer ${token}` } })));
}

/** All requests are sent in turn: each connection walks through its share of them. */
function shared(requests: Requests): LoadOptions['requests'] {
  return (connection, connections) => requests.filter((_, index) => index % connections === connection);
}

/** Each connection owns one session and sends the token that it got last. */
async function refresh({ server, fixtures }: Target, load: Load): Promise<Measurement> {
  const tokens = await fixtures.newRefreshTokens();
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
  return measure({ url: target.server.url, connections, amount, requests: shared(loginRequests(target)) });
}

/** A password, and the code of an app: each account once, since each code counts once. */
async function loginByApp({ server, ways_in }: Target, { connections }: Load): Promise<Measurement> {
  await ways_in.forgetCodes();
  const isOurs = server.name !== 'better-auth';
  const flow = async (number: number): Promise<void> => {
    const app = ways_in.apps[number] ?? raise('there are too few accounts');
    const body = { email: app.email, password: PASSWORD };
    if (!isOurs) return loginByBetterAuthApp(server.url, { body, code: () => app.code('better-auth') });
    const { json } = await sendStep(`${server.url}/auth/login`, 403, { body });
    const answer = { mfa_token: json.mfa_token, code: app.code('ours') };
    await sendStep(`${server.url}/auth/mfa`, 200, { body: answer });
  };
  return measureFlows({ connections, amount: Math.max(LOGINS, connections), flow });
}

async function loginByBetterAuthApp(url: string, { body, code }: { body: object; code: () => string }): Promise<void> {
  const headers = { origin: url };
  const { cookie } = await sendStep(`${url}/api/auth/sign-in/email`, 200, { body, headers });
  await sendStep(`${url}/api/auth/two-factor/verify-totp`, 200, {
    body: { code: code() },
    headers: { ...headers, cookie },
  });
}

/** A challenge, and its answer by an authenticator in software, whose signature costs 0.1 ms of the same machine. */
async function loginByPasskey({ server: { name, url }, ways_in }: Target, load: Load): Promise<Measurement> {
  const [origin = ''] = RELYING_PARTY.origins;
  const flow = async (number: number): Promise<void> => {
    const { authenticators } = ways_in;
    const authenticator = authenticators[number % authenticators.length] ?? raise('there is no authenticator');
    if (name === 'better-auth-passkeys') {
      const ceremony = `${url}/api/auth/passkey`;
      const { json, cookie } = await sendStep(`${ceremony}/generate-authenticate-options`, 200, { method: 'GET' });
      const response = authenticator.get(json as unknown as RequestOptions, { origin });
      const headers = { origin: url, cookie };
      await sendStep(`${ceremony}/verify-authentication`, 200, { body: { response }, headers });
      return;
    }
    const { json } = await sendStep(`${url}/auth/passkeys/options`, 200, { body: {} });
    const { challenge_id } = json;
    const credential = authenticator.get(json.options as RequestOptions, { origin });
    await sendStep(`${url}/auth/passkeys/login`, 200, { body: { challenge_id, credential } });
  };
  // The application loads its library with the first ceremony, better-auth at its start.
  await flow(0);
  return measureFlows({ ...load, flow });
}

function raise(message: string): never {
  throw new Error(message);
}

let registrations = 0;

/** As many as logins. */
function register({ server: { url } }: Target, { connections }: Load): Promise<Measurement> {
  const amount = Math.max(LOGINS, connections);
  const bodies = Array.from({ length: amount }, () => ({
    email: `new-${++registrations}@example.com`,
    password: PASSWORD,
  }));
  return measure({ url, connections, amount, requests: shared(posted('/auth/register', bodies)) });
}

/** One request for each mailbox, which may not ask again. Its mail waits in the queue: no mail server is set. */
function forgotPassword(name: 'user' | 'nobody'): Case['run'] {
  return async ({ server: { url }, fixtures }, { connections }) => {
    await fixtures.clearLimits();
    const bodies = fixtures.subjects.map((_, number) => ({ email: `${name}-${number}@example.com` }));
    const requests = shared(posted('/auth/forgot-password', bodies));
    return measure({ url, connections, amount: bodies.length, requests });
  };
}

/** As many as logins, each with a token of its own. */
async function resetPassword({ server: { url }, fixtures }: Target, { connections }: Load): Promise<Measurement> {
  const amount = Math.max(LOGINS, connections);
  const tokens = (await fixtures.newResetTokens()).slice(0, amount);
  const bodies = tokens.map((token) => ({ token, password: PASSWORD }));
  return measure({ url, connections, amount, requests: shared(posted('/auth/reset-password', bodies)) });
}

function posted(path: string, bodies: readonly object[]): Requests {
  return bodies.map((body) => ({ method: 'POST', path, headers: JSON_HEADERS, body: JSON.stringify(body) }));
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
