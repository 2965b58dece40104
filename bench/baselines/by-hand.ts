import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { required, tokenPair, verifyToken } from './accounts.ts';

/**
 * The work of the application, written by hand in the ordinary way: the limits, the audit events in the transaction of their change, the
 * known devices and the lock of an account, one statement awaited after the other. No framework, no validation, no log.
 */
type Db = Pick<pg.Pool, 'query'>;

/** Each statement gives some of these. */
interface Row {
  id: string;
  email: string;
  role: string;
  is_active: boolean;
  session_id: string;
  counter: number;
  password_hash: string;
  password_version: number;
}

const SESSION = `select users.id, email, name, role, is_active, users.created_at, users.updated_at, sessions.id as session_id
  from sessions join users on users.id = sessions.user_id
  where sessions.id = $1 and sessions.expires_at > now() and sessions.refreshed_at > now() - make_interval(days => 7)`;
const ITEMS = `select id, title, description, owner_id, created_at, updated_at
  from kit_notes where owner_id = $1 order by id desc limit 21`;
const REFRESH = `update sessions set counter = counter + 1, refreshed_at = now(), last_used_at = now()
  from users
  where sessions.id = $1 and sessions.user_id = $2 and counter = $3 and users.id = sessions.user_id and is_active
    and sessions.expires_at > now() and sessions.refreshed_at > now() - make_interval(days => 7)
  returning sessions.counter, users.role`;
const COUNT = `insert into rate_limits as l (key, used, pending, pending_until, blocked_until, expires_at)
  values ($1, 1, 0, to_timestamp(0), to_timestamp(0), now() + interval '5 minutes')
  on conflict (key) do update set used = case when l.expires_at <= now() then 0 else l.used end + 1 returning used`;
const ACQUIRE = `insert into rate_limits as l (key, used, pending, pending_until, blocked_until, expires_at)
  values ($1, 0, 1, now() + interval '1 minute', to_timestamp(0), to_timestamp(0))
  on conflict (key) do update set pending = l.pending + 1, pending_until = excluded.pending_until returning pending`;
const RELEASE = 'update rate_limits set pending = greatest(pending - 1, 0), used = 0 where key = $1';
const AUDIT = `insert into audit_events (id, created_at, event, actor_id, subject_id, session_id, ip, details)
  values ($1, now(), $2, $3, $3, $4, '127.0.0.1', '{}')`;
const DEVICE = `insert into known_devices (user_id, device_key) values ($1, $2)
  on conflict (user_id, device_key) do update set seen_at = now()`;

/** Of its own: the table is the application's, whose limits would count these too. */
const NETWORKS = ['by hand 127.0.0.1', 'by hand 127.0.0.0/24'];
const COST = Number(process.env.BCRYPT_COST ?? 12);
const isPooled = process.env.DATABASE_POOLER === 'transaction';
const pool = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 15, idleTimeoutMillis: 0 });

const routes: Record<string, (request: IncomingMessage) => Promise<unknown>> = {
  'GET /health': async () => {
    await pool.query('select 1');
    return { status: 'healthy' };
  },
  'GET /auth/me': (request) => authenticate(request),
  'GET /kit-notes': async (request) => {
    const user = await authenticate(request);
    const rows = await run(pool, ITEMS, [user.id]);
    return { items: rows.slice(0, 20), next_cursor: rows[20]?.id ?? null };
  },
  'POST /kit-notes': async (request) => {
    const user = await countedUser(request);
    const { title } = await body(request);
    const text = 'insert into kit_notes (id, title, owner_id) values ($1, $2, $3) returning *';
    return (await run(pool, text, [uuidv7(), title, user.id]))[0];
  },
  'PATCH /auth/me': async (request) => {
    const user = await countedUser(request);
    const { name } = await body(request);
    return inTransaction(async (db) => {
      const [changed] = await run(db, 'update users set name = $2, updated_at = now() where id = $1 returning *', [
        user.id,
        name,
      ]);
      await record(db, 'user.updated', user);
      return changed;
    });
  },
  'POST /auth/refresh': async (request) => {
    const { sub, sid, ctr } = verifyToken((await body(request)).refresh_token ?? '', 'refresh');
    for (const network of NETWORKS) await run(pool, COUNT, [`refresh-ip:${network}`]);
    const { role, counter } = await one(pool, REFRESH, [sid, sub, ctr]);
    return tokenPair({ sub, sid, role, ctr: counter });
  },
  'POST /auth/login': async (request) => {
    const { email = '', password = '' } = await body(request);
    const device = hash(`${email} device`);
    const counters = [...NETWORKS.map((network) => `login-ip:${network}`), `login-account:${hash(email)}`];
    await run(
      pool,
      'select 1 from known_devices join users on users.id = user_id where email = $1 and device_key = $2',
      [email, device],
    );
    for (const key of counters) await run(pool, ACQUIRE, [key]);
    await run(pool, 'select in_a_row from login_failures where account_key = $1', [hash(email)]);
    const user = await one(pool, 'select id, role, password_hash from users where email = $1', [email]);
    await requireMatch(password, user);
    const pair = await inTransaction((db) => startSession(db, { ...user, device }));
    for (const key of counters.reverse()) await run(pool, RELEASE, [key]);
    return pair;
  },
  'POST /auth/register': async (request) => {
    const { email = '', password = '' } = await body(request);
    for (const network of NETWORKS) await run(pool, COUNT, [`register-ip:${network}`]);
    const password_hash = await bcrypt.hash(password, COST);
    const id = uuidv7();
    return inTransaction(async (db) => {
      await run(db, 'insert into users (id, email, password_hash) values ($1, $2, $3)', [id, email, password_hash]);
      await run(db, 'delete from login_failures where account_key = $1', [hash(email)]);
      await record(db, 'user.registered', { id });
      return startSession(db, { id, role: 'user', device: hash(`${email} device`) });
    });
  },
  'POST /auth/me/password': async (request) => {
    const user = await authenticate(request);
    const { current_password = '', new_password = '' } = await body(request);
    const permit = `session-proof:${user.session_id}`;
    await run(pool, ACQUIRE, [permit]);
    await run(pool, 'select in_a_row from login_failures where account_key = $1', [permit]);
    const stored = await one(pool, 'select password_hash, password_version from users where id = $1', [user.id]);
    await requireMatch(current_password, stored);
    await run(pool, RELEASE, [permit]);
    const password_hash = await bcrypt.hash(new_password, COST);
    await inTransaction(async (db) => {
      const text =
        'update users set password_hash = $3, password_version = $2 + 1 where id = $1 and password_version = $2';
      await run(db, text, [user.id, stored.password_version, password_hash]);
      await record(db, 'password.changed', user);
      await run(db, 'delete from sessions where user_id = $1 and id <> $2', [user.id, user.session_id]);
      await record(db, 'sessions.ended', user);
      await run(db, 'delete from login_failures where account_key = $1', [hash(user.email)]);
    });
    await run(pool, 'delete from rate_limits where key = $1', [`login-account:${hash(user.email)}`]);
    return {};
  },
};

createServer((request, response) => {
  const answer = (status: number, value: unknown): void => {
    const json = JSON.stringify(value);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
    response.end(json);
  };
  const route = routes[`${request.method} ${request.url}`];
  if (route === undefined) answer(404, {});
  else
    route(request).then(
      (value) => answer(200, value),
      (error: Error) => answer(500, { detail: error.message }),
    );
}).listen(Number(required('PORT')), '127.0.0.1');

async function authenticate({ headers }: IncomingMessage): Promise<Row> {
  const { sid } = verifyToken(headers.authorization?.slice('Bearer '.length) ?? '', 'access');
  const user = await one(pool, SESSION, [sid]);
  if (!user.is_active) throw new Error('no session');
  return user;
}

async function countedUser(request: IncomingMessage): Promise<Row> {
  const user = await authenticate(request);
  await run(pool, COUNT, [`writes:${user.id}`]);
  return user;
}

async function startSession(
  db: Db,
  { id, role, device }: { id: string; role: string; device: string },
): Promise<unknown> {
  const sid = uuidv7();
  const text = `insert into sessions (id, user_id, expires_at)
    select $1, id, now() + make_interval(days => 30) from users where id = $2 and is_active for share`;
  await run(db, text, [sid, id]);
  await record(db, 'session.started', { id, session_id: sid });
  await run(db, DEVICE, [id, device]);
  return tokenPair({ sub: id, sid, role, ctr: 0 });
}

async function record(db: Db, event: string, { id, session_id }: { id: string; session_id?: string }): Promise<void> {
  await run(db, AUDIT, [uuidv7(), event, id, session_id ?? null]);
}

/** Named, so that a statement is planned once a connection; a transaction pooler of this age keeps no names. */
async function run(db: Db, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await db.query<Row>({ ...(!isPooled && { name: hash(text) }), text, values });
  return rows;
}

async function one(db: Db, text: string, values: unknown[]): Promise<Row> {
  const [row] = await run(db, text, values);
  if (row === undefined) throw new Error('no row');
  return row;
}

async function inTransaction<T>(work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function requireMatch(password: string, user: Row): Promise<void> {
  if (!(await bcrypt.compare(password, user.password_hash))) throw new Error('wrong password');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

async function body(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
