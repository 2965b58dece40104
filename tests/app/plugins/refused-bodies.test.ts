import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startApi } from '../../helpers/api.ts';

const api = startApi();
const BODY = Buffer.alloc(1_048_576, 'a');

/** What a client reads that writes its whole body before it looks for an answer, and then asks once more. */
function answersTo(port: number, type: string): Promise<string[]> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const statuses = () => [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (statuses().length === 2) socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(statuses()));
    socket.write(
      `POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${BODY.length}\r\n\r\n`,
    );
    socket.write(BODY);
    socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  });
}

it.each([
  ['too long', 'application/json', '413'],
  ['of another type', 'text/plain', '415'],
])(
  'a body that is %s is answered whatever its client still writes, and the connection goes on',
  async (_what, type, status) => {
    const port = await api.listen();
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 12 }, () => answersTo(port, type)));
      for (const statuses of answers) expect(statuses).toEqual([status, '200']);
    }
  },
);

it.each([
  ['HTTP/1.1', 'Connection: close\r\n'],
  ['HTTP/1.0', ''],
])(
  'a refused body of %s whose client asks for the end of the connection has an answer that says so',
  async (version, ends) => {
    const port = await api.listen();
    const head = `POST /auth/login ${version}\r\nHost: a\r\n${ends}Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc`;
    const socket = connect(port, '127.0.0.1').end(head);
    const received = await text(socket);
    expect(received).toMatch(/^HTTP\/1\.1 415 /);
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
  },
);
