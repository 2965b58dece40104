import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as settle } from 'node:timers/promises';
import type { LightMyRequestResponse } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { maxBytes } from '../../../src/app/plugins/body-limits.ts';
import { securityHeaders } from '../../../src/app/plugins/headers.ts';
import { Login } from '../../../src/app/schemas/auth/login.ts';
import { PASSWORD, testConfig } from '../../helpers/api.ts';
import { sendRaw } from '../../helpers/raw.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const api = startWithNotes(
  {},
  {
    routes: async (app) => {
      app.get('/broken', { config: { auth: 'public' } }, async () => {
        throw new Error('the secret is select * from users');
      });
    },
  },
);
let port: number;

beforeAll(async () => {
  port = await api.listen();
});

const headers = securityHeaders({ environment: 'test' });

function expectProblem(response: LightMyRequestResponse, status: number, code: string): void {
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(response.headers).toMatchObject(headers);
  expect(response.json().request_id).toBe(response.headers['x-request-id']);
}

describe('every refusal is problem+json with the security headers', () => {
  it('route_not_found for an unknown URL, however it is asked', async () => {
    for (const url of ['/nope', '/.env', '/.git/config', '/package.json', '/auth/me/x.css', '/kit-notes/x/y'])
      expectProblem(await api.request({ url, headers: { accept: 'text/html' } }), 404, 'route_not_found');
  });

  it('malformed_request for a path that cannot be routed', async () => {
    for (const url of ['/kit-notes/%zz', '/users/%ff/sessions'])
      expectProblem(await api.request({ url }), 400, 'malformed_request');
  });

  it('method_not_allowed with Allow for a known one', async () => {
    const response = await api.request({ method: 'PUT', url: '/kit-notes' });
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers.allow).toBe('GET, HEAD, OPTIONS, POST');
    const options = await api.request({ method: 'OPTIONS', url: '/kit-notes/x' });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, PATCH']);
  });

  it('method_not_allowed with Allow below a wildcard too', async () => {
    for (const url of ['/docs/static/swagger-ui.css', '/docs/static/no-such-file', '/redoc/redoc.standalone.js']) {
      const response = await api.request({ method: 'POST', url });
      expectProblem(response, 405, 'method_not_allowed');
      expect(response.headers.allow).toBe('GET, HEAD, OPTIONS');
    }
  });

  it('names the place of a field that a service refuses', async () => {
    const { access_token: token } = await api.admin();
    const email = 'field@example.com';
    const post = (url: string, payload: object) => api.request({ method: 'POST', url, payload, token });
    const refused = async (response: LightMyRequestResponse) => response.json().errors;
    const invalid = { msg: 'value is not a valid email address', type: 'email' };
    expect(await refused(await post('/auth/register', { email: 'a@b', password: PASSWORD }))).toEqual([
      { loc: ['body', 'email'], ...invalid },
    ]);
    const short = { msg: 'The password must have at least 8 characters', type: 'password_too_short' };
    expect(await refused(await post('/users', { email, password: 'short' }))).toEqual([
      { loc: ['body', 'password'], ...short },
    ]);
    const change = { current_password: PASSWORD, new_password: PASSWORD };
    expect(await refused(await post('/auth/me/password', change))).toMatchObject([
      { loc: ['body', 'new_password'], type: 'password_unchanged' },
    ]);
    expect(await refused(await api.request({ url: '/kit-notes?cursor=x', token }))).toEqual([
      { loc: ['query', 'cursor'], msg: 'is not a cursor of this list', type: 'cursor' },
    ]);
    const leap = '/audit-events?since=2016-12-31T23:59:60Z';
    expect(await refused(await api.request({ url: leap, token }))).toEqual([
      { loc: ['query', 'since'], msg: 'is not a time', type: 'datetime_parsing' },
    ]);
  });

  it('unsupported_media_type for any body but JSON', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
    ])
      expectProblem(
        await api.request({ method: 'POST', url: '/auth/login', headers: { 'content-type': type }, payload: 'x=1' }),
        415,
        'unsupported_media_type',
      );
  });

  it('method_not_allowed, with a body or without, for a QUERY', async () => {
    const ask = async (line: string) => sendRaw(port, `QUERY /kit-notes HTTP/1.1\r\nHost: x\r\n${line}\r\n`);
    expect(JSON.parse((await ask('')).body)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    const json = await ask('Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
    expect(JSON.parse(json.body)).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });

  it.each([
    ['half an object', '{"email":'],
    ['__proto__', '{"__proto__":{"role":"admin"}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"role":"admin"}}}'],
    ['an escaped __proto__', '{"\\u005f_proto__":{}}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xc0, 0xa7, 0x22, 0x3a, 0x31, 0x7d])],
  ])('malformed_request for a body with %s', async (_what, payload) => {
    const response = await api.request({
      method: 'POST',
      url: '/auth/login',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expectProblem(response, 400, 'malformed_request');
    expect(({} as Record<string, unknown>).role).toBeUndefined();
  });

  it('validation_failed for NUL and half a surrogate pair, wherever they stand', async () => {
    const user = await api.user();
    for (const title of ['a\\u0000b', '\\ud800', '\\udc00x'])
      expectProblem(
        await api.request({
          method: 'POST',
          url: '/kit-notes',
          token: user.access_token,
          headers: { 'content-type': 'application/json' },
          payload: `{"title":"${title}"}`,
        }),
        422,
        'validation_failed',
      );
    expectProblem(
      await api.request({ url: '/kit-notes?cursor=%00', token: user.access_token }),
      422,
      'validation_failed',
    );
    expectProblem(await api.request({ url: '/kit-notes/%00', token: user.access_token }), 422, 'validation_failed');
    expectProblem(
      await api.request({ url: '/kit-notes?cursor=%ff', token: user.access_token }),
      400,
      'malformed_request',
    );
  });

  it('payload_too_large beyond the longest body that the route’s schema accepts', async () => {
    const payload = (bytes: number) => `{"email":"a@b.co","password":"${'x'.repeat(bytes - 32)}"}`;
    const limit = maxBytes(Login) + 1024;
    const ask = (bytes: number) =>
      api.request({
        method: 'POST',
        url: '/auth/login',
        headers: { 'content-type': 'application/json' },
        payload: payload(bytes),
      });
    expectProblem(await ask(limit + 1), 413, 'payload_too_large');
    expectProblem(await ask(limit), 422, 'validation_failed');
    expect(limit).toBeLessThan(8 * 1024);
  });

  it('internal_error says nothing of what broke; the log says it with the request’s id', async () => {
    const response = await api.request({ url: '/broken' });
    expectProblem(response, 500, 'internal_error');
    expect(response.body).not.toMatch(/select|secret|\.ts/);
    const line = api.logs.find(
      (entry) => entry.event === 'request.failed' && entry.request_id === response.json().request_id,
    );
    expect(line).toMatchObject({ level: 50, code: 'internal_error' });
  });

  it('sends HSTS in production only', () => {
    expect(securityHeaders(testConfig('postgresql://x@localhost/x', { ENVIRONMENT: 'production' }))).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('the document', () => {
  it('declares what a body meets where an operation reads none, and a URL everywhere', async () => {
    const user = await api.user();
    const headers = { 'content-type': 'text/plain' };
    const refused = await api.request({
      method: 'POST',
      url: '/auth/logout',
      token: user.access_token,
      headers,
      payload: 'x',
    });
    expectProblem(refused, 415, 'unsupported_media_type');
    expectProblem(await api.request({ url: '/health/live?%ff' }), 400, 'malformed_request');
    // The type allows much that ours never has.
    const { paths } = api.app.swagger() as unknown as { paths: Record<string, Record<string, { responses: object }>> };
    for (const operations of Object.values(paths)) {
      for (const [method, { responses }] of Object.entries(operations))
        expect(Object.keys(responses)).toEqual(
          expect.arrayContaining(method === 'get' ? ['400'] : ['400', '413', '415']),
        );
    }
  });

  it('declares no validation where nothing is read: what is not read is not judged', async () => {
    expect((await api.request({ url: '/health/live?x=%00' })).statusCode).toBe(200);
  });
});

describe('what is no request', () => {
  it.each([
    ['headers_too_large', 431, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['headers_too_large', 431, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['malformed_request', 400, 'not http at all\r\n\r\n'],
    [
      'malformed_request',
      400,
      'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'malformed_request',
      400,
      'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    ],
    [
      'malformed_request',
      400,
      'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n',
    ],
  ])('is answered with %s (%i) and the connection is closed', async (code, status, bytes) => {
    const answer = await sendRaw(port, bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ ...headers, 'content-type': 'application/problem+json; charset=utf-8' });
    expect(JSON.parse(answer.body)).toMatchObject({ status, code, request_id: answer.headers['x-request-id'] });
    expect(answer.closed).toBe(true);
  });

  it.each([
    ['no Host header', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['two Host headers', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a version of another kind', 'GET /health/live HTTP/2.0\r\nHost: a\r\n\r\n'],
    ['a version from before headers', 'GET /health/live HTTP/0.9\r\nHost: a\r\n\r\n'],
    [
      'a coding that nobody undoes',
      'POST /auth/refresh HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an absolute target', 'GET http://evil/health/live HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('%s: refused', async (_what, bytes) => {
    const answer = await sendRaw(port, bytes);
    expect([answer.status, answer.headers]).toMatchObject([400, headers]);
    expect(JSON.parse(answer.body).code).toBe('malformed_request');
  });

  it('request_timeout ends a client that never finishes its headers', { timeout: 30_000 }, async () => {
    const answer = await sendRaw(port, 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ', 20_000);
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body).code).toBe('request_timeout');
  });

  it('is answered on a connection that has served others before', async () => {
    const good = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = connect(port, '127.0.0.1');
    socket.write(good);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
    socket.write(`GET / HTTP/1.1\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 431 .*"code":"headers_too_large"/s);
    await once(socket, 'close');
  });

  it('a client that leaves in the middle of a body leaves no error in the log', async () => {
    const socket = connect(port, '127.0.0.1');
    const failures = () => api.logs.filter(({ event }) => event === 'request.failed').length;
    const before = failures();
    socket.write(
      'POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    const [request] = await once(api.app.server, 'request');
    socket.resetAndDestroy();
    await new Promise((resolve) => request.once('close', resolve));
    await settle();
    expect(request.readableAborted).toBe(true);
    expect(failures()).toBe(before);
  });

  it('gets no answer while an earlier request waits for its own', async () => {
    const slow = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 45';
    const body = '{"email":"nobody@example.com","password":"x"}';
    const answer = await sendRaw(port, `${slow}\r\n\r\n${body}GARBAGE\r\n\r\n`);
    expect([answer.status, answer.closed]).toEqual([0, true]);
  });

  it.each(['Expect: the-unexpected', 'Expect: '])(
    'an expectation that nobody knows is passed over: %s',
    async (header) => {
      const answer = await sendRaw(port, `GET /nope HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
      expect([answer.status, answer.headers]).toMatchObject([404, headers]);
      expect(JSON.parse(answer.body).code).toBe('route_not_found');
      const user = await api.user();
      const lines = [
        `Authorization: Bearer ${user.access_token}`,
        'Content-Type: application/json',
        'Content-Length: 13',
      ];
      await sendRaw(
        port,
        `POST /kit-notes HTTP/1.1\r\nHost: x\r\n${header}\r\n${lines.join('\r\n')}\r\n\r\n{"title":"x"}`,
      );
      expect(await api.sql('select 1 from kit_notes where owner_id = $1', [user.id])).toHaveLength(1);
    },
  );

  it('two Authorization headers are no token', async () => {
    const user = await api.user();
    const bearer = `Authorization: Bearer ${user.access_token}\r\n`;
    const answer = await sendRaw(port, `GET /auth/me HTTP/1.1\r\nHost: x\r\n${bearer}${bearer}\r\n`);
    expect(answer.status).toBe(401);
    expect((await sendRaw(port, `GET /auth/me HTTP/1.1\r\nHost: x\r\n${bearer}\r\n`)).status).toBe(200);
  });
});
