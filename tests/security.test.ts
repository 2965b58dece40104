import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../src/app/app.ts';
import { claimsOf, PASSWORD, SECRET_KEY, startApi, testConfig } from './helpers/api.ts';
import { createTestDatabase } from './helpers/database.ts';
import { sendRaw } from './helpers/raw.ts';

const ROOT = join(import.meta.dirname, '..');
const api = startApi();

describe('what is sent', () => {
  it('is decoded once: a percent sign stays one, in a path too', async () => {
    const body = (email: string) => ({ email, password: PASSWORD });
    const twice = await api.request({ method: 'POST', url: '/auth/register', payload: body('a%40b@example.com') });
    expect(twice.statusCode).toBe(201);
    expect(await api.sql(`select email from users where email like 'a\\%%'`)).toEqual([{ email: 'a%40b@example.com' }]);
    const once = await api.request({ method: 'POST', url: '/auth/register', payload: body('a%40example.com') });
    expect(once.statusCode).toBe(422);
    const port = await api.listen();
    for (const path of ['/users/%2e%2e/health', '/users/../health', '/users%2f..%2fhealth', '/%2568ealth']) {
      const { status, body } = await sendRaw(
        port,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect({ path, status, ...JSON.parse(body) }).toMatchObject({ path, status: 404, code: 'route_not_found' });
    }
  });

  it.each([
    'x\r\nSet-Cookie: a=b',
    '</script><script>alert(1)</script>',
    '\u2028\u2029',
    '%s%n%d',
    '{{7*7}}<%= 7*7 %>',
  ])('as the name %j is kept and sent back as it is, inside of JSON only', async (name) => {
    const user = await api.user({ name });
    const me = await api.request({ url: '/auth/me', token: user.access_token });
    expect(me.json().name).toBe(name);
    expect(me.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(me.headers['set-cookie']).toBeUndefined();
    expect(me.headers['x-content-type-options']).toBe('nosniff');
  });

  it('as a token in the query is no token', async () => {
    const { access_token } = await api.user();
    for (const name of ['access_token', 'token'])
      expect((await api.request({ url: `/auth/me?${name}=${access_token}` })).statusCode).toBe(401);
  });

  it('as a file behind a route is not found, so that no cache takes an answer for one', async () => {
    const { access_token: token } = await api.user();
    for (const url of ['/auth/me/x.css', '/auth/me.json', '/auth/me%2fx.css', '/items.js'])
      expect((await api.request({ url, token })).statusCode).toBe(404);
  });
});

describe('a fresh installation', () => {
  it('has no account', async () => {
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const client = new pg.Client(database.url);
    await client.connect();
    expect((await client.query('select count(*)::int as users from users')).rows).toEqual([{ users: 0 }]);
    await client.end();
  });
});

describe('what is stored of a password', () => {
  it('is its bcrypt hash at the default cost', async () => {
    const config = testConfig(api.url, { BCRYPT_COST: '', LOG_LEVEL: 'silent' });
    expect(config.bcrypt_cost).toBe(12);
    const usual = await buildApp(config);
    onTestFinished(() => usual.close());
    const payload = { email: 'usual@example.com', password: PASSWORD };
    expect((await usual.inject({ method: 'POST', url: '/auth/register', payload })).statusCode).toBe(201);
    const [row] = await api.sql<{ password_hash: string }>('select password_hash from users where email = $1', [
      payload.email,
    ]);
    expect(row?.password_hash).toMatch(/^\$2b\$12\$[./A-Za-z0-9]{53}$/);
  });

  it('lets nobody in where it is damaged, and breaks nothing', async () => {
    const { id, email } = await api.user();
    const login = { method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } } as const;
    expect((await api.request(login)).statusCode).toBe(200);
    for (const damaged of ['', '$2b$12$short', '$2b$99$aaaa', 'plain text', '$argon2id$v=19$m=1'])
      expect([await setHash(id, damaged), (await api.request(login)).statusCode]).toEqual([damaged, 401]);
  });
});

describe('what a login gives', () => {
  it('is new each time, and says nothing of the person but the id and the role', async () => {
    const { email } = await api.user({ name: 'Ann Example' });
    const pairs = await Promise.all(
      [1, 2].map(() => api.request({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } })),
    );
    const claims = pairs.map((pair) => claimsOf(pair.json().access_token));
    expect(new Set(claims.map(({ sid }) => sid)).size).toBe(2);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
    expect(JSON.stringify(claims)).not.toMatch(/ann|example\.com/i);
  });
});

describe('the documentation', () => {
  it('is served nowhere where DOCS_ENABLED is false', async () => {
    const app = await buildApp(testConfig(api.url, { DOCS_ENABLED: 'false', LOG_LEVEL: 'silent' }));
    onTestFinished(() => app.close());
    for (const url of ['/docs', '/docs/', '/docs/json', '/docs/static/index.html', '/redoc', '/openapi.json'])
      expect((await app.inject(url)).json().code).toBe('route_not_found');
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });
});

describe('the log', () => {
  it('has one JSON line a request with time in UTC, request id, route and status, and none of the secrets in use', async () => {
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const url = new URL(database.url);
    const lines: string[] = [];
    const config = testConfig(url.href, { LOG_LEVEL: 'trace' });
    const log = pino(
      { level: 'trace', timestamp: pino.stdTimeFunctions.isoTime },
      { write: (line) => void lines.push(line) },
    );
    const app = await buildApp(config, { log });
    onTestFinished(() => app.close());
    const email = 'Secretive.Person@example.com';
    const registered = await app.inject({
      method: 'POST',
      url: '/auth/register',
      payload: { email, password: PASSWORD },
    });
    const { access_token, refresh_token } = registered.json();
    const authorization = `Bearer ${access_token}`;
    const next = 'another long enough password';
    const requests = [
      { url: '/auth/me', headers: { authorization } },
      { url: `/auth/me?access_token=${access_token}` },
      { url: '/auth/me', headers: { authorization: `${authorization}x` } },
      { method: 'POST', url: '/auth/refresh', payload: { refresh_token } },
      { method: 'POST', url: '/auth/login', payload: { email, password: 'wrong but long enough' } },
      { method: 'POST', url: '/auth/login', payload: { email, password: [PASSWORD] } },
      {
        method: 'POST',
        url: '/auth/me/password',
        headers: { authorization },
        payload: { current_password: PASSWORD, new_password: next },
      },
    ] as const;
    for (const request of requests) {
      const answer = await app.inject(request);
      const line = lines
        .map((text) => JSON.parse(text))
        .find(({ request_id }) => request_id === answer.headers['x-request-id']);
      expect(line).toMatchObject({ event: 'request', status: answer.statusCode, route: request.url.split('?')[0] });
      expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const written = lines.join('').toLowerCase();
    const signature = access_token.split('.')[2];
    const secrets = [
      PASSWORD,
      next,
      'wrong but long enough',
      signature,
      refresh_token,
      SECRET_KEY,
      email,
      url.password,
    ];
    expect(secrets.filter((secret) => secret.length > 3 && written.includes(secret.toLowerCase()))).toEqual([]);
  });
});

describe('the sources of the server', () => {
  const files = readdirSync(join(ROOT, 'src/app'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(join(ROOT, 'src/app', name), 'utf8') }));
  const filesWith = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

  it('run no command and compile no text', () => {
    expect(filesWith(/node:child_process|node:vm|(?<!\.)\beval\(|new Function\(/)).toEqual([]);
  });

  it('make regular expressions of constants and route paths only, never of what a client sends', () => {
    expect(filesWith(/new RegExp\(/)).toEqual(['database/statement-summary.ts', 'plugins/route-rules.ts']);
  });

  it('use no weak hash, but the one that lists of breached passwords are made of', () => {
    expect(filesWith(/createHash\('(md5|sha1|ripemd)/i)).toEqual(['services/auth/passwords/breached.ts']);
  });

  it('switch off no check of a certificate', () => {
    expect(filesWith(/NODE_TLS_REJECT_UNAUTHORIZED/)).toEqual([]);
    // There it follows sslmode, as libpq has it, and here the words of SMTP_URL that let mails go in clear as well.
    const exceptions = ['utils/connection-string.ts', 'services/system/mailer/transport.ts'];
    expect(filesWith(/rejectUnauthorized/).sort()).toEqual(exceptions.sort());
  });
});

async function setHash(id: string, hash: string): Promise<string> {
  await api.sql('update users set password_hash = $2 where id = $1', [id, hash]);
  return hash;
}
