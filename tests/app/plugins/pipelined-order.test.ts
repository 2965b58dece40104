import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startApi } from '../../helpers/api.ts';

const api = startApi();

it('does the requests of a connection in their order around one that changes something', async () => {
  const port = await api.listen();
  const user = await api.user();
  const head = (method: string, path: string, body = ''): string =>
    `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${user.access_token}\r\n${body && `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`}\r\n${body}`;
  for (const name of ['First', 'Second', 'Third']) {
    const socket = connect(port, '127.0.0.1');
    socket.write(head('PATCH', '/auth/me', JSON.stringify({ name })) + head('GET', '/auth/me'));
    socket.write(head('GET', '/health/live').replace('Host: a', 'Host: a\r\nConnection: close'));
    const received = await text(socket);
    const names = [...received.matchAll(/"name":"(\w+)"/g)].map(([, found]) => found);
    expect(names).toEqual([name, name]);
  }
  const socket = connect(port, '127.0.0.1');
  const last = head('GET', '/auth/me').replace('Host: a', 'Host: a\r\nConnection: close');
  socket.write(head('POST', '/auth/logout') + last);
  const statuses = [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  expect(statuses).toEqual(['204', '401']);
});
