import { createServer, type IncomingMessage } from 'node:http';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { required, type TokenClaims, tokenPair, verifyToken } from './accounts.ts';

/**
 * What one Node process and one PostgreSQL give when nothing but the work itself is done: no framework, no validation, no headers,
 * no log, no error form. The statements are named, so each is planned once a connection.
 */
const SESSION = {
  name: 'session',
  text: `select users.id, email, name, role, is_active, users.created_at, users.updated_at
    from sessions join users on users.id = sessions.user_id
    where sessions.id = $1 and sessions.expires_at > now() and sessions.refreshed_at > now() - make_interval(days => 7)`,
};
const ITEMS = {
  name: 'items',
  text: `select id, title, description, owner_id, created_at, updated_at
    from kit_notes where owner_id = $1 order by id desc limit 21`,
};
const REFRESH = {
  name: 'refresh',
  text: `update sessions set counter = counter + 1, refreshed_at = now(), last_used_at = now()
    from users
    where sessions.id = $1 and sessions.user_id = $2 and counter = $3 and users.id = sessions.user_id and is_active
      and sessions.expires_at > now() and sessions.refreshed_at > now() - make_interval(days => 7)
    returning sessions.counter, users.role`,
};
const USER_BY_EMAIL = { name: 'user_by_email', text: 'select id, role, password_hash from users where email = $1' };
const START_SESSION = {
  name: 'start_session',
  text: `insert into sessions (id, user_id, expires_at) values ($1, $2, now() + make_interval(days => 30))`,
};

const pool = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 15, idleTimeoutMillis: 0 });

const routes: Record<string, (request: IncomingMessage) => Promise<unknown>> = {
  'GET /health': async () => {
    await pool.query('select 1');
    return { status: 'healthy', database: 'connected', api: 'ok' };
  },
  'GET /auth/me': (request) => authenticate(request),
  'GET /kit-notes': async (request) => {
    const user = await authenticate(request);
    const { rows } = await pool.query({ ...ITEMS, values: [user.id] });
    return { items: rows.slice(0, 20), next_cursor: rows.length > 20 ? rows[19].id : null };
  },
  'POST /auth/refresh': async (request) => {
    const { refresh_token } = JSON.parse(await body(request));
    const { sub, sid, ctr } = verifyToken(refresh_token, 'refresh');
    const { rows } = await pool.query({ ...REFRESH, values: [sid, sub, ctr] });
    return tokenPair({ sub, sid, role: rows[0].role, ctr: rows[0].counter });
  },
  'POST /auth/login': async (request) => {
    const { email, password } = JSON.parse(await body(request));
    const { rows } = await pool.query({ ...USER_BY_EMAIL, values: [email] });
    const { id, role, password_hash } = rows[0];
    if (!(await bcrypt.compare(password, password_hash))) throw new Error('wrong password');
    const session: TokenClaims = { sub: id, sid: uuidv7(), role, ctr: 0 };
    await pool.query({ ...START_SESSION, values: [session.sid, id] });
    return tokenPair(session);
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

async function authenticate({ headers }: IncomingMessage): Promise<{ id: string }> {
  const { sid } = verifyToken(headers.authorization?.slice('Bearer '.length) ?? '', 'access');
  const { rows } = await pool.query({ ...SESSION, values: [sid] });
  if (!rows[0]?.is_active) throw new Error('no session');
  return rows[0];
}

function body(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}
