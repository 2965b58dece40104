import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isListening, probe } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';
import { afterEach, describe, expect, inject, it } from 'vitest';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

async function listener(answer: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => answer(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  return `postgresql://postgres:root@127.0.0.1:${(server.address() as AddressInfo).port}/py-db`;
}

function errorResponse(sqlstate: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0Mno\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Refuses TLS with one letter, as PostgreSQL does, and the login with an error. */
const refusing = (sqlstate: string) => (socket: Socket) =>
  socket.once('data', (first) => (first.length === 8 ? socket.write('N') : socket.end(errorResponse(sqlstate))));

describe('probe', () => {
  it('tells who is let in, and why not', async () => {
    const url = new URL(inject('postgres_url'));
    expect(await probe(url.href)).toBe('ready');
    url.pathname = '/absent';
    expect(await probe(url.href)).toBe('no_database');
    url.password = 'wrong';
    expect(await probe(url.href)).toBe('wrong_credentials');
    url.port = String(await freePort());
    expect(await probe(url.href)).toBe('nothing');
  });

  it.each([
    ['57P03', 'starting'],
    ['28000', 'wrong_credentials'],
    ['53300', 'refuses'],
  ])('reads SQLSTATE %s as %s', async (sqlstate, state) => {
    expect(await probe(await listener(refusing(sqlstate)))).toBe(state);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['greets first', (socket) => socket.write('220 mail.example.com ESMTP\r\n')],
    ['speaks HTTP', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['sends what would break the driver', (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99]))],
    ['hangs up', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['is silent', () => {}],
  ])('takes a listener that %s for something else', async (_title, answer) => {
    expect(await probe(await listener(answer))).toBe('not_postgres');
  });
});

describe('isListening', () => {
  it('tells a port that accepts connections from one that does not', async () => {
    const { port } = new URL(await listener(() => {}));
    expect(await isListening('127.0.0.1', Number(port))).toBe(true);
    expect(await isListening('127.0.0.1', await freePort())).toBe(false);
  });
});
