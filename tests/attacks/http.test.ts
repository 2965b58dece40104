import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/app/plugins/headers.ts';
import { ERROR_CODES, type ErrorCodeName } from '../../src/app/utils/error-codes.ts';
import { AppError } from '../../src/app/utils/errors.ts';
import type { TestUser } from '../helpers/api.ts';
import { liveRoutes, operations, requestTo } from '../helpers/operations.ts';
import { type RawAnswer, sendRaw } from '../helpers/raw.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const api = startWithNotes(
  { RATE_LIMITS: 'false' },
  {
    routes: async (app) => {
      app.get('/refused/:code', { config: { auth: 'public' } }, async (request) => {
        throw new AppError((request.params as { code: ErrorCodeName }).code);
      });
    },
  },
);
const all = await operations();
const routes = await liveRoutes();
const headers = securityHeaders({ environment: 'test' });
let port: number;
let user: TestUser;

beforeAll(async () => {
  port = await api.listen();
  user = await api.user();
});

/** A request as bytes on a socket of its own, which the server is asked to close. */
const raw = (start: string, lines: string[] = [], body = ''): Promise<RawAnswer> =>
  sendRaw(port, [start, 'Connection: close', ...lines, '', body].join('\r\n'), 4000);
const login = (lines: string[], body = ''): Promise<RawAnswer> =>
  raw('POST /auth/login HTTP/1.1', ['Host: x', 'Content-Type: application/json', ...lines], body);

function expectProblem(answer: RawAnswer, status: number, code: ErrorCodeName): void {
  expect([answer.status, JSON.parse(answer.body || '{}').code]).toEqual([status, code]);
  // Under /docs the page's own policy stands; it lets no more in than its own files.
  const { 'content-security-policy': policy, ...rest } = answer.headers;
  expect(policy).toMatch(/^default-src '(none|self)';.*frame-ancestors 'none'/);
  const { 'content-security-policy': _none, ...others } = headers;
  expect(rest).toMatchObject({ ...others, 'content-type': 'application/problem+json; charset=utf-8' });
  expect(JSON.parse(answer.body).request_id).toBe(answer.headers['x-request-id']);
}

describe('the end of a body', () => {
  const chunked = (lines: string): Promise<RawAnswer> => login(['Transfer-Encoding: chunked'], lines);

  it.each([
    ['in hexadecimal with its prefix', '0x2\r\n{}\r\n0\r\n\r\n'],
    ['that no number holds', `${'f'.repeat(40)}\r\n{}\r\n0\r\n\r\n`],
    ['below zero', '-2\r\n{}\r\n0\r\n\r\n'],
    ['with a blank before it', ' 2\r\n{}\r\n0\r\n\r\n'],
    ['that is none', '\r\n{}\r\n0\r\n\r\n'],
    ['with LF alone', '2\n{}\n0\n\n'],
    ['shorter than its chunk', '1\r\n{}\r\n0\r\n\r\n'],
  ])('is malformed where a chunk has a size %s', async (_what, body) => {
    expectProblem(await chunked(body), 400, 'malformed_request');
  });

  it('is payload_too_large where chunks carry nothing but extensions', async () => {
    expectProblem(await chunked(`2;${'x'.repeat(64 * 1024)}\r\n{}\r\n0\r\n\r\n`), 413, 'payload_too_large');
  });

  it('is payload_too_large where chunks go beyond the limit, whatever length they do not tell', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    expectProblem(await chunked(`${chunk.repeat(20)}0\r\n\r\n`), 413, 'payload_too_large');
  });

  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 2']],
    ['a list of lengths', ['Content-Length: 2, 2']],
    ['a length with a sign', ['Content-Length: +2']],
    ['a length in hexadecimal', ['Content-Length: 0x2']],
    ['a negative length', ['Content-Length: -1']],
    ['a length beyond all numbers', ['Content-Length: 99999999999999999999']],
    ['a blank before the colon', ['Content-Length : 2']],
    ['a folded line', ['Content-Length: 2', ' folded: yes']],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 2']],
    ['chunks twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
    ['another coding', ['Transfer-Encoding: gzip']],
    ['another coding under the chunks', ['Transfer-Encoding: gzip, chunked']],
    ['a coding behind a control character', ['Transfer-Encoding:\x0bchunked']],
    ['a header name with NUL', ['X\0: y']],
    ['a header value with NUL', ['X: y\0z']],
    ['a header value with a bare CR', ['X: y\rContent-Length: 2']],
  ])('is malformed for %s, and what follows is never a request', async (_what, lines) => {
    const smuggled = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await login(lines, `2\r\n{}\r\n0\r\n\r\n${smuggled}`);
    expectProblem(answer, 400, 'malformed_request');
    expect(answer.body).not.toContain('alive');
    expect(answer.closed).toBe(true);
  });

  it('is never waited for longer than the limit where it does not come', async () => {
    const { headersTimeout, requestTimeout } = api.app.server;
    const limits = { headersTimeout, requestTimeout };
    expect(limits).toEqual({ headersTimeout: 10_000, requestTimeout: 30_000 });
    // Node takes the longer of the two for the whole request.
    Object.assign(api.app.server, { headersTimeout: 200, requestTimeout: 300 });
    try {
      const answer = await sendRaw(
        port,
        'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        10_000,
      );
      expectProblem(answer, 408, 'request_timeout');
      expect(answer.closed).toBe(true);
    } finally {
      Object.assign(api.app.server, limits);
    }
  });

  it('takes no trailer for a header, and not too many of them', async () => {
    const bearer = `Authorization: Bearer ${user.access_token}`;
    const lines = ['Host: x', 'Transfer-Encoding: chunked', 'Trailer: Authorization'];
    expectProblem(await raw('DELETE /auth/me HTTP/1.1', lines, `0\r\n${bearer}\r\n\r\n`), 401, 'not_authenticated');
    const flood = `0\r\n${`X-Trailer: ${'x'.repeat(1000)}\r\n`.repeat(200)}\r\n`;
    const answer = await login(['Transfer-Encoding: chunked'], flood);
    expect([400, 413, 431, 0]).toContain(answer.status);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
  });
});

describe('the head of a request', () => {
  it('is headers_too_large with 3000 of them, or with one of 20 kB', async () => {
    const many = Array.from({ length: 3000 }, (_, n) => `X-${n}: ${n}`);
    expectProblem(await raw('GET /health/live HTTP/1.1', ['Host: x', ...many]), 431, 'headers_too_large');
    expectProblem(await raw(`GET /?${'x'.repeat(20_000)} HTTP/1.1`, ['Host: x']), 431, 'headers_too_large');
  });

  it.each(['a b', 'a/b', 'user@evil.example', '../x', 'a\tb', '[::1', 'a:port', 'a, b', 'a\\b', '<b>'])(
    'is malformed with the Host %s',
    async (host) => {
      expectProblem(await raw('GET /health/live HTTP/1.1', [`Host: ${host}`]), 400, 'malformed_request');
    },
  );

  it.each(['localhost', 'api.example.com:8000', '127.0.0.1', '[::1]:8000', 'under_score.internal', 'xn--bcher-kva.ch'])(
    'may have the Host %s',
    async (host) => {
      expect((await raw('GET /health/live HTTP/1.1', [`Host: ${host}`])).status).toBe(200);
    },
  );

  it.each([
    'GET * HTTP/1.1',
    'GET health HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET /health',
    'GET /health HTTP/2.0',
    'GET /health HTTP/1.2',
  ])('is malformed where it begins with %s', async (start) => {
    expectProblem(await raw(start, ['Host: x']), 400, 'malformed_request');
  });

  it('puts nothing of Host, X-Forwarded-* and their like into an answer or a log', async () => {
    const evil = 'evil.example';
    const forged = ['Forwarded', 'X-Forwarded-Host', 'X-Forwarded-Server', 'X-Host', 'X-Forwarded-Prefix'];
    const paths = [
      '/',
      '/docs',
      '/docs/',
      '/docs/static/index.html',
      '/redoc',
      '/openapi.json',
      '/auth/me',
      '/kit-notes/',
    ];
    for (const path of [...paths, '/.well-known/jwks.json', '/metrics', '/health']) {
      const lines = [`Host: ${evil}`, 'X-Forwarded-Proto: ftp', 'X-Forwarded-For: 203.0.113.66', `Referer: //${evil}`];
      const answer = await raw(`GET ${path} HTTP/1.1`, [...lines, ...forged.map((name) => `${name}: ${evil}`)]);
      expect(answer.status, path).toBeLessThan(500);
      expect(JSON.stringify(answer), path).not.toMatch(/evil\.example|203\.0\.113\.66|ftp:/);
    }
    expect(JSON.stringify(api.logs)).not.toMatch(/evil\.example|203\.0\.113\.66/);
  });

  it('is not overruled by headers or parameters that name another method, path or caller', async () => {
    const [item] = [
      await api.request({ method: 'POST', url: '/kit-notes', token: user.access_token, payload: { title: 'kept' } }),
    ];
    const overrides = {
      'x-http-method-override': 'DELETE',
      'x-http-method': 'DELETE',
      'x-method-override': 'DELETE',
      'x-original-url': '/auth/me',
      'x-rewrite-url': '/auth/me',
      'x-original-method': 'DELETE',
      'accept-version': '2.0.0',
    };
    const url = `/kit-notes/${item?.json().id}`;
    for (const path of [url, `${url}?_method=DELETE`]) {
      const answer = await api.request({ url: path, token: user.access_token, headers: overrides });
      expect([answer.statusCode, answer.json().title]).toEqual([200, 'kept']);
    }
    expect(await api.sql('select title from kit_notes where id = $1', [item?.json().id])).toEqual([{ title: 'kept' }]);
  });
});

describe('a method', () => {
  it.each(['TRACE', 'PROPFIND', 'M-SEARCH', 'QUERY', 'PURGE', 'LINK', 'PUT', 'CONNECT'])(
    '%s that no route takes is method_not_allowed',
    async (method) => {
      const answer = await raw(`${method} /health/live HTTP/1.1`, ['Host: x', 'Max-Forwards: 0', 'X-Echo: echoed']);
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers).toHaveProperty('allow');
      expect(answer.body).not.toContain('echoed');
    },
  );

  it.each(['FOO', 'get', 'GE T', 'GET\t', '', 'PRI'])('%j that is none is malformed', async (method) => {
    expectProblem(await raw(`${method} /health/live HTTP/1.1`, ['Host: x']), 400, 'malformed_request');
  });

  it('OPTIONS names the methods of every path, to anybody, and does nothing else', async () => {
    for (const url of new Set(all.map(({ url }) => url))) {
      const methods = routes.filter((route) => route.url === url).map(({ method }) => method);
      const path = url.replace(/:\w+/g, user.id);
      const answer = await api.request({ method: 'OPTIONS', url: path });
      expect([answer.statusCode, answer.body], url).toEqual([204, '']);
      expect(answer.headers.allow?.split(', '), url).toEqual([...new Set([...methods, 'OPTIONS'])].sort());
      for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'] as const) {
        // `/users/:id` takes the methods of `/users/invitations` that the latter has not.
        if (routes.some((route) => route.method === method && patternOf(route.url).test(path))) continue;
        const other = await api.request({ method, url: path, token: user.access_token });
        expect([other.statusCode, other.headers.allow], `${method} ${url}`).toEqual([405, answer.headers.allow]);
      }
    }
    expect((await api.request({ method: 'OPTIONS', url: '/nope' })).statusCode).toBe(404);
  });

  it('HEAD answers as GET does, without a body', async () => {
    const gets = all.filter(({ method, auth, url }) => method === 'GET' && auth !== 'admin' && !url.includes(':'));
    expect(gets.length).toBeGreaterThan(6);
    for (const operation of gets) {
      const call = { ...requestTo(operation), token: user.access_token };
      const [get, head] = [await api.request(call), await api.request({ ...call, method: 'HEAD' })];
      expect([head.statusCode, head.body], operation.name).toEqual([get.statusCode, '']);
      expect(head.headers['content-type'], operation.name).toBe(get.headers['content-type']);
      const bytes = await raw(`HEAD ${operation.url} HTTP/1.1`, ['Host: x']);
      expect(bytes.body, operation.name).toBe('');
    }
  });
});

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`);
}

describe('every status', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCodeName[])(
    'of %s carries the security headers and nothing of ours',
    async (code) => {
      const answer = await raw(`GET /refused/${code} HTTP/1.1`, ['Host: x']);
      expectProblem(answer, ERROR_CODES[code].status, code);
      expect(Object.keys(answer.headers)).not.toContain('x-powered-by');
      expect(Object.keys(answer.headers)).not.toContain('server');
      expect(answer.body).not.toMatch(/fastify|node|postgres|\.ts|\bat /i);
    },
  );

  it('of a refusal that we chose is one line of the log without a stack', async () => {
    await raw('GET /refused/service_unavailable HTTP/1.1', ['Host: x']);
    const line = api.logs.findLast(({ event }) => event === 'request.failed');
    expect(line).toMatchObject({ code: 'service_unavailable', level: 40 });
    expect(line).not.toHaveProperty('err');
  });

  it('of a URL that no route can take does as well', async () => {
    for (const [path, status, code] of [
      ['/kit-notes/%ff', 400, 'malformed_request'],
      ['/kit-notes/%', 400, 'malformed_request'],
      [`/kit-notes/${'a'.repeat(8000)}`, 401, 'not_authenticated'],
    ] as const)
      expectProblem(await raw(`GET ${path} HTTP/1.1`, ['Host: x']), status, code);
  });

  it('of a file under /docs and /redoc does as well, whatever part or condition is asked for', async () => {
    for (const path of ['/docs/static/swagger-ui.css', '/redoc/redoc.standalone.js']) {
      const ask = (line: string) => raw(`GET ${path} HTTP/1.1`, ['Host: x', line]);
      expectProblem(await ask('Range: bytes=99999999999-'), 416, 'range_not_satisfiable');
      expectProblem(await ask('If-Match: "x"'), 412, 'precondition_failed');
      expectProblem(await ask('If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT'), 412, 'precondition_failed');
      expect((await ask('Range: bytes=0-3')).status).toBe(206);
      expect((await ask('Range: bytes=0-,0-,0-,0-,0-,0-')).status).toBeLessThan(500);
      const etag = String((await api.request({ url: path })).headers.etag);
      expect(await ask(`If-None-Match: ${etag}`)).toMatchObject({ status: 304, body: '' });
    }
  });
});

describe('what is not for us', () => {
  it.each(['text/html', '*/*', 'image/png', ';;;', 'application/problem+xml', 'x'.repeat(500)])(
    'Accept: %s changes no answer',
    async (accept) => {
      const [served, refused] = [
        await api.request({ url: '/health/live', headers: { accept } }),
        await api.request({ url: '/nope', headers: { accept } }),
      ];
      expect([served.body, refused.json().code]).toEqual(['{"status":"alive"}', 'route_not_found']);
    },
  );

  it('compresses no answer, so that a token’s length tells nothing (BREACH)', async () => {
    const payload = { refresh_token: user.refresh_token };
    const encodings = { 'accept-encoding': 'gzip, br, zstd, deflate' };
    const answer = await api.request({ method: 'POST', url: '/auth/refresh', payload, headers: encodings });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['Range: bytes=0-0', 200],
    ['If-None-Match: *', 200],
    ['If-Match: "x"', 200],
    ['Expect: nonsense', 200],
    ['Upgrade: websocket', 200],
    ['Upgrade: h2c', 200],
    ['TE: trailers, deflate;q=0.5', 200],
  ])('%s gets the same answer as without', async (line, status) => {
    const upgrade = line.startsWith('Upgrade')
      ? ['Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk']
      : [];
    const answer = await raw('GET /health/live HTTP/1.1', ['Host: x', line, ...upgrade]);
    expect([answer.status, answer.body, answer.headers]).toMatchObject([status, '{"status":"alive"}', headers]);
  });

  it('Expect: 100-continue is told to go on, and then answered', async () => {
    const socket = await open();
    const lines = ['Host: x', 'Connection: close', 'Content-Type: application/json', 'Content-Length: 2'];
    socket.write(['POST /auth/login HTTP/1.1', ...lines, 'Expect: 100-continue', '', ''].join('\r\n'));
    const [goOn] = await once(socket, 'data');
    expect(String(goOn)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{}');
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 422 /);
  });

  it.each([
    '/.env',
    '/.git/config',
    '/package.json',
    '/src/app/main.ts',
    '/../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/docs/static/../../package.json',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/.%2e/package.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static//etc/passwd',
    '/docs/static/%2fetc%2fpasswd',
    '/redoc/..%2fpackage.json',
    '/redoc/redoc.standalone.js.map',
    '/server-status',
    '/wp-login.php',
    '/actuator/env',
    '/debug/pprof',
  ])('%s is not found', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1`, ['Host: x']);
    expectProblem(answer, 404, 'route_not_found');
  });

  it.each([
    ['text/plain', '{"title":"forged"}'],
    ['application/x-www-form-urlencoded', 'title=forged'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nforged\r\n--x--'],
    ['text/plain; application/json', '{"title":"forged"}'],
    ['application/json, text/plain', '{"title":"forged"}'],
    ['application/jsonp', '{"title":"forged"}'],
    ['application/csp-report', '{"title":"forged"}'],
    ['', '{"title":"forged"}'],
  ])('a body of type %j that a foreign page can send changes nothing', async (type, payload) => {
    const foreign = { 'content-type': type, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const answer = await api.request({
      method: 'POST',
      url: '/kit-notes',
      token: user.access_token,
      headers: foreign,
      payload,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'unsupported_media_type']);
    expect(await api.sql(`select 1 from kit_notes where title = 'forged'`)).toEqual([]);
  });

  it('a body that is coded is unsupported_media_type, true to its word or not', async () => {
    for (const coding of ['gzip', 'br', 'deflate, gzip', 'x-unknown'])
      expectProblem(
        await login(['Content-Length: 2', `Content-Encoding: ${coding}`], '{}'),
        415,
        'unsupported_media_type',
      );
    expect((await login(['Content-Length: 2', 'Content-Encoding: identity'], '{}')).status).toBe(422);
  });

  it('a body that no one reads may be coded', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    for (const method of ['GET', 'HEAD'] as const)
      expect((await api.request({ method, url: '/health/live', headers, payload: 'abc' })).statusCode).toBe(200);
  });
});

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
