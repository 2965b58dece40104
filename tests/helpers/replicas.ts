import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { buildApp, type Overrides } from '../../src/app/app.ts';
import type { Config } from '../../src/app/config.ts';
import type { RequestContext } from '../../src/app/context.ts';
import * as sessions from '../../src/app/services/auth/sessions.ts';
import type { TokenPair } from '../../src/app/services/auth/token-pair.ts';
import type { TestApi } from './api.ts';
import { notesOnly } from './test-product/routes.ts';

/** A further instance of the application on the database of the first one. Its members work from `beforeAll` on. */
export interface Replica {
  readonly app: FastifyInstance;
  request: TestApi['request'];
}

/** Starts another instance for the tests of a file, with some settings or parts of its own, and ends it after them. */
export function startReplica(api: TestApi, settings: Partial<Config> = {}, overrides: Overrides = {}): Replica {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await buildApp({ ...api.config, ...settings }, { log: api.app.log, routes: notesOnly, ...overrides });
    await app.ready();
  });
  afterAll(() => app?.close());
  return {
    get app() {
      return app;
    },
    request: (options) => ask(app, options),
  };
}

/** One request to one instance. */
export function ask(
  app: FastifyInstance,
  { token, headers, ...options }: InjectOptions & { token?: string },
): Promise<LightMyRequestResponse> {
  return app.inject({
    ...options,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });
}

/** A session as a login starts it, without the price of a hash. */
export async function startSession({ app, sql }: TestApi, user_id: string): Promise<TokenPair> {
  const [user] = await sql<Parameters<typeof sessions.start>[1]>(
    'select id, role, password_version, has_factor from users where id = $1',
    [user_id],
  );
  const client = { ip: '127.0.0.1', user_agent: null };
  const ctx: RequestContext = { ...app.ctx, request_id: 'none', client, reportQuota: () => {}, actor: null };
  const pair = user && (await sessions.start(ctx, user, ['pwd']));
  if (pair === undefined) throw new Error('no session was started');
  return pair;
}

/** Rows that a transaction of the test's own holds locked. */
export interface HeldRows {
  /** Runs a statement in the transaction that holds them. */
  query: (text: string, values?: unknown[]) => Promise<unknown>;
  /** Waits until this number of others' statements wait for a lock. */
  awaitedBy: (n: number) => Promise<void>;
  /** Commits, and so lets the others go on in the order in which they came. */
  release: () => Promise<void>;
}

const PATIENCE_MS = 20_000;

/** Locks what `text` selects, so that all who change it meet there: a barrier that no timing can miss. */
export async function holdRows(api: TestApi, text: string, values: unknown[] = []): Promise<HeldRows> {
  const client = new pg.Client(api.url);
  await client.connect();
  await client.query('begin');
  await client.query(`${text} for update`, values);
  return {
    query: (statement, parameters) => client.query(statement, parameters),
    awaitedBy: async (n) => {
      for (const deadline = Date.now() + PATIENCE_MS; ; ) {
        const waiting = await api.sql(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if (waiting.length === n) return;
        if (Date.now() > deadline) throw new Error(`${waiting.length} statements wait for the rows, not ${n}`);
      }
    },
    release: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

/** How often each status came. */
export function statuses(answers: readonly { statusCode: number }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { statusCode } of answers) counts[statusCode] = (counts[statusCode] ?? 0) + 1;
  return counts;
}
