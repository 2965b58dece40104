import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from 'pg-devdb/throw-away';
import { claimsOf, PASSWORD, SECRET_KEY, type TestUser } from './api.ts';
import { createTestDatabase } from './database.ts';
import { haproxyProgram, startHaproxy } from './haproxy.ts';
import { pgbouncerProgram, startPgbouncer } from './pgbouncer.ts';
import { type Started, start } from './processes.ts';
import { cleanEnvironment } from './project.ts';

/** The application's own main, with the notes beside its routes. */
const MAIN = join(import.meta.dirname, 'test-product/main.ts');
/** Limits that no test meets by accident; what a test means to meet it sets itself. */
const WIDE = {
  LIMIT_REFRESHES_PER_IP: '100000/5m',
  LIMIT_REGISTRATIONS_PER_IP: '100000/5m',
  LIMIT_MAILS_PER_IP: '100000/5m',
  LIMIT_WRITES_PER_ACCOUNT: '100000/5m',
  LIMIT_LOGIN_FAILURES_PER_IP: '100000/5m',
};

/** What these tests need and this machine lacks, as a title says it. */
export const missing = [
  ...(haproxyProgram === undefined ? ['haproxy'] : []),
  ...(pgbouncerProgram === undefined ? ['pgbouncer'] : []),
];

export interface Replica {
  readonly url: string;
  readonly program: Started;
}

export interface Answer {
  status: number;
  /** The server of the proxy that answered. */
  replica: string | undefined;
  body: Record<string, unknown>;
}

export interface Call {
  method?: string;
  token?: string;
  body?: object;
  headers?: Record<string, string>;
  /** The address that the client calls from. */
  from?: string;
}

/** Server processes behind HAProxy, on one database through PgBouncer in transaction mode. */
export interface Fleet {
  readonly replicas: Replica[];
  /** Through the proxy. */
  call: (path: string, options?: Call) => Promise<Answer>;
  /** The same question to each replica, past the proxy. */
  callEach: (path: string, options?: Call) => Promise<Answer[]>;
  user: () => Promise<TestUser>;
  admin: () => Promise<TestUser>;
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** Another process in the place of a replica that has ended. */
  replace: (index: number) => Promise<void>;
  /** The database through the pooler, for commands. */
  readonly pooled_url: string;
  readonly proxy_url: string;
  end: () => Promise<void>;
}

/** Starts it all on a database of its own; `environment` is every replica's. */
export async function startFleet(count: number, environment: Record<string, string> = {}): Promise<Fleet> {
  const database = await createTestDatabase({ with_notes: true });
  const pooler = await startPgbouncer(database.url);
  const ports = await freePorts(count);
  const run = (port: number): Promise<Replica> => startReplica(port, { DATABASE_URL: pooler.url, ...environment });
  const replicas = await Promise.all(ports.map(run));
  const proxy = await startHaproxy(ports);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  const agent = new Agent({ keepAlive: true });
  const call: Fleet['call'] = (path, options) => send(agent, `${proxy.url}${path}`, options);
  const user = (): Promise<TestUser> => register(call);
  const sql: Fleet['sql'] = async (text, values) => (await pool.query(text, values)).rows;
  await untilBalanced(call, count);
  return {
    replicas,
    call,
    callEach: (path, options) => Promise.all(replicas.map(({ url }) => send(agent, `${url}${path}`, options))),
    user,
    admin: async () => {
      const admin = await user();
      await sql(`update users set role = 'admin' where id = $1`, [admin.id]);
      return admin;
    },
    sql,
    replace: async (index) => {
      replicas[index] = await run(ports[index] ?? 0);
    },
    pooled_url: pooler.url,
    proxy_url: proxy.url,
    end: async () => {
      agent.destroy();
      for (const { program } of replicas) program.child.kill('SIGTERM');
      await Promise.all(replicas.map(({ program }) => program.ended));
      await proxy.stop();
      await pool.end();
      await pooler.stop();
      await database.drop();
    },
  };
}

/** Waits until every one of `count` replicas has answered through the proxy. */
export async function untilBalanced(call: Fleet['call'], count: number): Promise<void> {
  const seen = new Set<string | undefined>();
  const deadline = Date.now() + 15_000;
  while (seen.size < count) {
    const answers = await Promise.all(Array.from({ length: count * 2 }, () => call('/health/live')));
    for (const { status, replica } of answers) if (status === 200) seen.add(replica);
    if (Date.now() > deadline) throw new Error(`only ${[...seen]} of ${count} replicas answer through the proxy`);
    if (seen.size < count) await sleep(50);
  }
}

/** How many answers there are of each status. */
export function statuses(answers: readonly Pick<Answer, 'status'>[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function startReplica(port: number, environment: Record<string, string>): Promise<Replica> {
  const settings = { SECRET_KEY, PORT: String(port), DATABASE_POOLER: 'transaction', BCRYPT_COST: '10', ...WIDE };
  const program = start(process.execPath, [MAIN], {
    env: cleanEnvironment({ ...settings, ENVIRONMENT: 'production', LOG_LEVEL: 'info', ...environment }),
    cwd: '/',
  });
  await program.until(environment.WORKERS === '2' ? /listening[\s\S]*listening/ : /Server listening/);
  return { url: `http://127.0.0.1:${port}`, program };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

async function register(call: Fleet['call']): Promise<TestUser> {
  const email = `user-${crypto.randomUUID()}@example.com`;
  const { status, body } = await call('/auth/register', { body: { email, password: PASSWORD } });
  if (status !== 201) throw new Error(`registration failed: ${status} ${JSON.stringify(body)}`);
  const { access_token, refresh_token } = body as { access_token: string; refresh_token: string };
  return { id: String(claimsOf(access_token).sub), email, access_token, refresh_token };
}

function send(agent: Agent, url: string, { method, token, body, headers, from }: Call = {}): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      // Another address of this machine has connections of its own.
      ...(from === undefined ? { agent } : { localAddress: from }),
      method: method ?? (text === undefined ? 'GET' : 'POST'),
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      const { statusCode: status = 0, headers } = answer;
      const replica = headers['x-replica'] as string | undefined;
      if (!/json/.test(headers['content-type'] ?? '')) {
        answer.resume().once('end', () => resolve({ status, replica, body: {} }));
        return;
      }
      // Every JSON answer of the API is an object.
      json(answer).then((body) => resolve({ status, replica, body: body as Record<string, unknown> }), reject);
    });
    sent.end(text);
  });
}
