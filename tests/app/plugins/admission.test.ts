import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Budget } from '../../../src/app/budget.ts';
import { shareConnections } from '../../../src/app/plugins/admission/connection-shares.ts';
import { admissionPlugin } from '../../../src/app/plugins/admission.ts';
import { AppError } from '../../../src/app/utils/errors.ts';

const REQUESTS = 64;
const CONNECTIONS = 400;
/** What of a budget the admission reads. */
const budget = {
  requests: REQUESTS,
  requests_per_connection: 4,
  requests_waiting: 1000,
  body_bytes: 2 ** 20,
  answer_bytes: 2 ** 26,
} as Budget;

let app: FastifyInstance;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  app = fastify();
  app.decorateRequest('ctx');
  app.decorateRequest('trace');
  // Of the request's context the admission reads the address alone.
  app.addHook('onRequest', async (request) => void Object.assign(request, { ctx: { client: { ip: request.ip } } }));
  await app.register(admissionPlugin, { budget });
  app.setErrorHandler((error, _request, reply) => reply.code(error instanceof AppError ? error.status : 500).send());
  app.get('/endless', async (_request, reply) => reply.send(new PassThrough()));
  app.get('/short', async () => 'short');
  app.post('/body', async () => 'read');
  shareConnections(app.server, CONNECTIONS);
  app.server.maxConnections = CONNECTIONS;
  await app.listen({ host: '127.0.0.1', port: 0 });
  // A TCP server's address is never a path.
  port = (app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  app.server.closeAllConnections();
  await app.close();
});

async function open(from: string, text = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}
/** The status of a request of another network. */
async function statusFrom(from: string): Promise<number> {
  const socket = await open(from, 'GET /short HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const [head] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  return Number(/^HTTP\/1.1 (\d+)/.exec(String(head))?.[1] ?? 0);
}

describe('the requests that are worked on at once', () => {
  it('are not used up by refusals that wait behind an answer which nobody reads', async () => {
    const get = 'GET /endless HTTP/1.1\r\nHost: x\r\n\r\n';
    const crowd: Socket[] = [];
    for (let n = 0; n < REQUESTS; n++) crowd.push((await open('127.9.0.2', get)).pause());
    await expect.poll(() => app.budgetUse.requests).toBe(REQUESTS);
    for (const socket of crowd) socket.write(get.repeat(9));
    await expect.poll(() => app.budgetUse.requests_waiting).toBe(REQUESTS * 6);
    expect(app.budgetUse.requests).toBe(REQUESTS);
    expect([await statusFrom('127.9.0.2'), await statusFrom('127.9.1.2')]).toEqual([503, 200]);
  });

  it('are for a fourth network, when three take all that they may', async () => {
    const half = 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhalf';
    for (const from of ['127.9.0.2', '127.9.1.2', '127.9.2.2'])
      for (let n = 0; n < REQUESTS / 2; n++) await open(from, half);
    await expect.poll(() => app.budgetUse.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect([await statusFrom('127.9.0.2'), await statusFrom('127.9.3.2')]).toEqual([503, 200]);
  });
});

describe('the connections', () => {
  it('are for another network, when one opens all that it may', async () => {
    let closed = 0;
    for (let n = 0; n < CONNECTIONS; n++) (await open('127.9.0.2')).once('close', () => closed++).resume();
    await expect.poll(() => closed).toBe(CONNECTIONS / 2);
    expect([await statusFrom('127.9.0.2'), await statusFrom('127.9.1.2')]).toEqual([0, 200]);
  });
});
