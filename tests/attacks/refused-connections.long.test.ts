import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { sendRaw } from '../helpers/raw.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const api = startWithNotes();
let port: number;

beforeAll(async () => {
  port = await api.listen();
});

const items = async (): Promise<unknown> => await api.sql('select * from kit_notes order by id');

/** Sends bytes, ignores that the server ends its half, and goes on sending; the milliseconds until the server drops it. */
async function untilDropped(bytes: string, { reads }: { reads: boolean }): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (reads) socket.resume();
  else socket.pause();
  socket.write(bytes);
  const started = performance.now();
  const nagging = setInterval(() => socket.write('x'), 50);
  try {
    await new Promise((resolve) => socket.once('close', resolve));
    return performance.now() - started;
  } finally {
    clearInterval(nagging);
    socket.destroy();
  }
}

describe('a client that ignores a refusal', () => {
  it.each([
    ['a broken request line', 'GARBAGE\r\n\r\n'],
    ['headers beyond the limit', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['HTTP/1.0 with a transfer coding', 'POST /kit-notes HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('after %s is dropped within two seconds, read or not', async (_what, bytes) => {
    for (const reads of [true, false]) expect(await untilDropped(bytes, { reads })).toBeLessThan(2000);
    expect((await sendRaw(port, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')).status).toBe(200);
  });
});

describe('HTTP/1.0 with a transfer coding', () => {
  it('is refused and its connection closed: no request hides behind it', async () => {
    const { access_token } = await api.user();
    const before = await items();
    const hidden = `POST /kit-notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${access_token}\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{"title":"hidden"}`;
    for (const connection of ['keep-alive', 'close']) {
      const head = `GET /health/live HTTP/1.0\r\nConnection: ${connection}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
      const answer = await sendRaw(port, head + hidden);
      expect([answer.status, answer.closed]).toEqual([400, true]);
      expect(answer.body).not.toContain('hidden');
    }
    expect(await items()).toEqual(before);
  });
});

describe('a request without a route', () => {
  it.each(['{', '{}', '', '\u0000', 'x'.repeat(2_000_000)])(
    'is answered 404 or 405 whatever its body is',
    async (payload) => {
      for (const type of ['application/json', 'text/xml', 'application/x-www-form-urlencoded']) {
        const ask = async (url: string) => {
          const answer = await api.request({ method: 'POST', url, payload, headers: { 'content-type': type } });
          return [answer.statusCode, answer.json().code];
        };
        expect(await ask('/nope')).toEqual([404, 'route_not_found']);
        expect(await ask('/health/live')).toEqual([405, 'method_not_allowed']);
      }
      const compressed = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
      const answer = await api.request({ method: 'POST', url: '/nope', payload, headers: compressed });
      expect(answer.statusCode).toBe(404);
    },
  );

  it('leaves the next request of its connection alone', async () => {
    const login = JSON.stringify({ email: 'nobody@example.com', password: PASSWORD });
    const first = `POST /nope HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${login.length}\r\n\r\n${login}`;
    const answer = await sendRaw(port, `${first}GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('invalid_credentials');
  });
});
