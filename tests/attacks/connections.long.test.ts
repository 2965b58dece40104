import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { securityHeaders } from '../../src/app/plugins/headers.ts';
import { claimsOf, type TestUser } from '../helpers/api.ts';
import { send } from '../helpers/fault-traffic.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { residentMegabytes } from '../helpers/processes.ts';
import { sendRaw } from '../helpers/raw.ts';
import { serveApp } from '../helpers/served-app.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const OURS = 'https://app.example.com';
const api = startWithNotes({ CORS_ORIGINS: `${OURS}, http://localhost:3000` });
const IDLE = 5000;
const { stdout: mayOpen } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });
/** Node takes all of it; "unlimited" is no number. */
const MAY_OPEN = Number.parseInt(mayOpen, 10) || Number.POSITIVE_INFINITY;
const sockets: Socket[] = [];
let port: number;
let user: TestUser;

beforeAll(async () => {
  port = await api.listen();
  user = await api.user();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(to = port): Promise<Socket> {
  const socket = connect(to, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** A new client's question, on a connection that ends with the answer. */
const live = async (): Promise<number> =>
  (await sendRaw(port, 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 10_000)).status;

const connections = (): Promise<number> =>
  new Promise((resolve, reject) =>
    api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
const untilOpen = (count: number): Promise<void> =>
  eventually(`${count} connections are open`, async () => (await connections()) === count, 15_000);

describe('a connection', () => {
  it('answers a thousand requests at once in their order, each as who asked it', async () => {
    const socket = await open();
    const bearer = `Authorization: Bearer ${user.access_token}\r\n`;
    const ask = (n: number, last: boolean): string =>
      `GET /kit-notes?limit=${n} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}${n % 2 === 0 ? bearer : ''}\r\n`;
    // A limit is good from 1 to 100: so the statuses tell the order.
    const numbers = Array.from({ length: 1000 }, (_, n) => n);
    socket.write(numbers.map((n) => ask(n, n === 999)).join(''));
    let text = '';
    for await (const chunk of socket) text += chunk;
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    const expected = numbers.map((n) => {
      if (n % 2 === 1) return 401;
      return n >= 1 && n <= 100 ? 200 : 422;
    });
    expect(statuses).toEqual(expected);
    expect(await live()).toBe(200);
  });

  it('that is broken off wherever it can be leaves nothing behind, and is no fault of ours', async () => {
    const before = await api.sql('select count(*) from kit_notes');
    const bearer = `Authorization: Bearer ${user.access_token}\r\n`;
    const json = 'Content-Type: application/json\r\n';
    const pieces = [
      'GET /kit-notes HT',
      `GET /kit-notes HTTP/1.1\r\nHost: x\r\n${bearer}`,
      `POST /kit-notes HTTP/1.1\r\nHost: x\r\n${bearer}${json}Content-Length: 18\r\n\r\n{"title":`,
      `POST /kit-notes HTTP/1.1\r\nHost: x\r\n${bearer}${json}Transfer-Encoding: chunked\r\n\r\n9\r\n{"title":`,
      `POST /auth/login HTTP/1.1\r\nHost: x\r\n${json}Content-Length: 900000\r\n\r\n${'x'.repeat(70_000)}`,
      `GET /kit-notes HTTP/1.1\r\nHost: x\r\n${bearer}\r\n`,
      `GET /redoc/redoc.standalone.js HTTP/1.1\r\nHost: x\r\n\r\n`,
    ];
    await Promise.all(
      Array.from({ length: 210 }, async (_, n) => {
        const socket = await open();
        socket.write(pieces[n % pieces.length] ?? '');
        await new Promise((resolve) => setTimeout(resolve, n % 40));
        if (n % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }),
    );
    await untilOpen(0);
    expect(await live()).toBe(200);
    expect((await api.request({ url: '/health' })).statusCode).toBe(200);
    expect(await api.sql('select count(*) from kit_notes')).toEqual(before);
    expect(api.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    const metrics = (await api.request({ url: '/metrics' })).body;
    expect(metrics).toMatch(/^db_pool_waiting 0$/m);
    expect(metrics).not.toMatch(/http_request_duration_seconds_count\{[^}]*status="5/);
  });

  it('whose client reads no answer is given up', async () => {
    expect(api.app.server.timeout).toBe(60_000);
    api.app.server.timeout = 500;
    try {
      const socket = await open();
      // What the two kernels hold is full after some megabytes; then nothing moves.
      socket.pause();
      socket.write('GET /redoc/redoc.standalone.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(60));
      await untilOpen(1);
      await untilOpen(0);
    } finally {
      api.app.server.timeout = 60_000;
    }
    expect(await live()).toBe(200);
  });

  it('may idle beside five thousand others, and a new client is served', async ({ skip }) => {
    if (MAY_OPEN < IDLE + 1000) skip('nobody may open so many files here');
    const app = await serveApp(api.url);
    onTestFinished(async () => void (await app.stop()));
    const before = residentMegabytes(app.pid);
    const asked = async (): Promise<Socket> => {
      const socket = await open(app.port);
      socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
      return socket;
    };
    const idle: Socket[] = [];
    while (idle.length < IDLE) idle.push(...(await Promise.all(Array.from({ length: 250 }, asked))));
    for (const socket of idle.slice(0, 500)) socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect((await send('live', `${app.url}/health/live`)).status).toBe(200);
    expect((await send('read', `${app.url}/auth/me`, { token: user.access_token })).status).toBe(200);
    expect(idle.filter((socket) => socket.destroyed)).toEqual([]);
    // Some 16 kB each.
    expect(residentMegabytes(app.pid) - before).toBeLessThan(150);
  });
});

describe('CORS', () => {
  const ask = (origin: string, more: Record<string, string> = {}, url = '/auth/me', token = user.access_token) =>
    api.request({ url, token, headers: { origin, ...more } });

  it.each([OURS, 'http://localhost:3000'])('lets pages of %s read answers, refusals too', async (origin) => {
    for (const url of ['/auth/me', '/nope', '/kit-notes?limit=x']) {
      const { headers } = await ask(origin, {}, url);
      expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
      expect(headers['access-control-expose-headers']).toContain('x-request-id');
      expect(headers['access-control-allow-credentials']).toBe('true');
      expect(headers).toMatchObject(securityHeaders({ environment: 'test' }));
    }
  });

  it.each([
    'https://evil.example',
    'null',
    'http://app.example.com',
    'https://app.example.com.evil.example',
    'https://app.example.com:8443',
    'https://notapp.example.com',
    'https://app-example.com',
    'https://appXexample.com',
    'https://APP.EXAMPLE.COM',
    'https://app.example.com/',
    'https://app.example.com https://evil.example',
    'https://app.example.com,https://evil.example',
    'https://evil.example/https://app.example.com',
    'http://localhost:30000',
    'http://localhost',
    '*',
    '',
  ])('says nothing to pages of %j, and caches that apart', async (origin) => {
    const preflight = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' };
    for (const answer of [
      await ask(origin),
      await api.request({ method: 'OPTIONS', url: '/auth/me', headers: { origin, ...preflight } }),
    ]) {
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      expect(answer.headers.vary).toBe('Origin');
    }
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('lets a page of ours send %s with a token', async (method) => {
    const headers = { origin: OURS, 'access-control-request-method': method };
    const answer = await api.request({ method: 'OPTIONS', url: '/kit-notes/x', headers });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    const allowed = String(answer.headers['access-control-allow-methods']).split(', ');
    expect(allowed).toContain(method);
    const names = String(answer.headers['access-control-allow-headers']).split(', ');
    expect(names).toEqual(expect.arrayContaining(['authorization', 'content-type', 'x-requested-with', 'traceparent']));
    expect(answer.headers['access-control-max-age']).toBe('600');
  });

  it('allows no header and no method because it is asked for', async () => {
    const odd = { 'access-control-request-method': 'TRACE', 'access-control-request-headers': 'x-evil, x-user-id' };
    const { headers } = await api.request({ method: 'OPTIONS', url: '/kit-notes', headers: { origin: OURS, ...odd } });
    expect(JSON.stringify(headers)).not.toMatch(/TRACE|x-evil|x-user-id/);
  });

  it.each(['/nope', '/auth/nope', '/.env', '/HEALTH/live', '//x'])('finds no %s, as without it', async (url) => {
    for (const method of ['GET', 'POST', 'OPTIONS'] as const) {
      const answer = await api.request({ method, url, headers: { origin: OURS } });
      expect([answer.statusCode, answer.json().code, answer.headers.allow]).toEqual([
        ...[404, 'route_not_found', undefined],
      ]);
    }
    expect((await api.request({ method: 'PUT', url: '/health' })).headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it('gives a preflight no rights: it is answered alike for nobody and for a user, and does nothing', async () => {
    const headers = { origin: OURS, 'access-control-request-method': 'DELETE' };
    const answer = await api.request({ method: 'OPTIONS', url: '/auth/me', token: user.access_token, headers });
    expect(answer.statusCode).toBe(204);
    expect(await api.sql('select 1 from users where id = $1', [claimsOf(user.access_token).sub])).toHaveLength(1);
  });
});

describe('without CORS_ORIGINS', () => {
  const closed = startWithNotes();

  it('no answer says a word about other origins', async () => {
    const headers = { origin: OURS, 'access-control-request-method': 'DELETE' };
    for (const method of ['GET', 'OPTIONS'] as const) {
      const answer = await closed.request({ method, url: '/health', headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});
