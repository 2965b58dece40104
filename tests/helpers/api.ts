import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { buildApp, type Overrides } from '../../src/app/app.ts';
import { type Config, loadConfig } from '../../src/app/config.ts';
import { productTests } from '../product.ts';
import { createTestDatabase } from './database.ts';

export const SECRET_KEY = 'a test key that is long enough for HS256: 7f1c9e';
export const PASSWORD = 'correct horse battery staple';

/** A hash takes a millisecond; at 10, the lowest cost that the settings allow, it takes sixty. */
const LOWEST_BCRYPT_COST = 4;

export interface TestUser {
  id: string;
  email: string;
  access_token: string;
  refresh_token: string;
}

/** The application under test on a database of its own, for one file. Its members work from `beforeAll` on. */
export interface TestApi {
  readonly app: FastifyInstance;
  readonly config: Config;
  readonly url: string;
  /** What the application logged, one object per line. */
  readonly logs: Record<string, unknown>[];
  request: (options: InjectOptions & { token?: string }) => Promise<LightMyRequestResponse>;
  /** Lets it listen on the loopback, if it does not yet; gives the port. */
  listen: () => Promise<number>;
  /** Registers a user with a fresh address. */
  user: (fields?: { email?: string; password?: string; name?: string }) => Promise<TestUser>;
  /** A registered user who is an administrator. */
  admin: () => Promise<TestUser>;
  /** Rows straight from the database. */
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
}

/** Starts the application for the tests of a file and ends it after them; its configuration is that of `testConfig`. */
export function startApi(environment: Record<string, string> = {}, overrides: Overrides = {}): TestApi {
  const state = { logs: [] as Record<string, unknown>[] } as {
    app: FastifyInstance;
    config: Config;
    url: string;
    logs: Record<string, unknown>[];
    pool: pg.Pool;
  };
  let drop: () => Promise<void>;
  let count = 0;

  beforeAll(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    state.url = database.url;
    state.config = testConfig(database.url, environment);
    state.pool = new pg.Pool({ connectionString: database.url, max: 2 });
    state.pool.on('error', () => {});
    state.app = await buildApp(state.config, { log: capturingLog(state.logs), ...overrides });
    await state.app.ready();
  });

  afterAll(async () => {
    await state.app?.close();
    await state.pool?.end();
    await drop?.();
  });

  const listen = async (): Promise<number> => {
    if (!state.app.server.listening) await state.app.listen({ host: '127.0.0.1', port: 0 });
    // A TCP server's address is never a path.
    return (state.app.server.address() as AddressInfo).port;
  };

  const request: TestApi['request'] = async (asked) => {
    // tests/client/routes.test.ts sends what other tests ask by the client's methods.
    const { viaClient } = process.env.TESTS_THROUGH_CLIENT ? await import('./through-client.ts') : {};
    const answer = await viaClient?.(asked, listen);
    if (answer !== undefined) return answer;
    const { token, headers, ...options } = asked;
    return state.app.inject({
      ...options,
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    });
  };

  const user: TestApi['user'] = async (fields = {}) => {
    const email = fields.email ?? `user-${++count}@example.com`;
    const response = await request({
      method: 'POST',
      url: '/auth/register',
      payload: { password: PASSWORD, ...fields, email },
    });
    if (response.statusCode !== 201) throw new Error(`registration failed: ${response.body}`);
    const pair = response.json<{ access_token: string; refresh_token: string }>();
    return { id: claimsOf(pair.access_token).sub as string, email, ...pair };
  };

  const sql: TestApi['sql'] = async (text, values) => (await state.pool.query(text, values)).rows;

  return {
    get app() {
      return state.app;
    },
    get config() {
      return state.config;
    },
    get url() {
      return state.url;
    },
    logs: state.logs,
    request,
    listen,
    user,
    sql,
    admin: async () => {
      const admin = await user();
      await sql(`update users set role = 'admin' where id = $1`, [admin.id]);
      return admin;
    },
  };
}

/**
 * A configuration for tests: the given database, nothing of the developer's environment, and bcrypt at the lowest cost that there
 * is. A test that measures hashes, or has other kinds of them, names its BCRYPT_COST.
 */
export function testConfig(url: string, environment: Record<string, string> = {}): Config {
  const config = loadConfig({
    SECRET_KEY,
    DATABASE_URL: url,
    ENVIRONMENT: 'test',
    LOG_LEVEL: 'info',
    // A test that needs a worker starts it.
    JOBS: 'false',
    EMAIL_LOGIN: 'true',
    STORAGE_DIRECTORY: join(tmpdir(), 'back-files'),
    // Each registration sends one.
    LIMIT_MAILS_PER_IP: '100000/5m',
    ...productTests.settings,
    ...environment,
  });
  return environment.BCRYPT_COST === undefined ? { ...config, bcrypt_cost: LOWEST_BCRYPT_COST } : config;
}

/** The request of `POST /auth/token`, whose body is a form. */
export function tokenForm(fields: Record<string, string>): InjectOptions {
  return {
    method: 'POST',
    url: '/auth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  };
}

/** The payload of a JWT, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function capturingLog(lines: Record<string, unknown>[]): FastifyBaseLogger {
  return pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
}
