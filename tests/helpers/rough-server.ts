import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildApp } from '../../src/app/app.ts';
import type { Config } from '../../src/app/config.ts';

const CLIENT = join(import.meta.dirname, '../../packages/client/src/client.ts');
const REFRESH = 'POST /auth/refresh';
export const EMPTY_PAGE = ['text/html', '<!doctype html><title>tab</title>'] as const;
/** Below the patience of a refresh, so that a refresh that is sent again was lost and not late. */
const LONGEST_DELAY_MS = 2000;

/** A server that is started again and again. */
export interface Upstream {
  port: number;
  close: () => Promise<void>;
}

/** What stands behind a bad line. */
export interface RoughLine {
  start: () => Promise<Upstream>;
  /** What is answered without a fault, by its path. */
  pages: Readonly<Record<string, readonly [type: string, text: string]>>;
  /** Which requests are counted as refreshes: `POST /auth/refresh`. */
  isRefresh: (request: string) => boolean;
}

/** A server behind a bad line, with a page beside it that has the client. */
export interface RoughServer {
  readonly port: number;
  readonly seen: { answers: number; lost: number; restarts: number; refreshes: number; mostRefreshes: number };
  /** Loses each answer whose number this divides, after the request was carried out; 0 for none. */
  loseEvery: number;
  /** Holds back each answer whose number this divides, for up to two seconds; 0 for none. */
  delayEvery: number;
  /** Ends the server and starts it anew; meanwhile connections break. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
}

/** Serves the API of this configuration, and at `/tab` an empty page that may import `/client.js`. */
export async function startRoughServer(config: Config): Promise<RoughServer> {
  const client = stripTypeScriptTypes(readFileSync(CLIENT, 'utf8'));
  return startRoughLine({
    start: () => started(config),
    pages: { '/tab': EMPTY_PAGE, '/client.js': ['text/javascript', client] },
    isRefresh: (request) => request === REFRESH,
  });
}

/** Serves what is started through a line that loses and delays answers as it is told. */
export async function startRoughLine({ start, pages, isRefresh }: RoughLine): Promise<RoughServer> {
  let app: Upstream | undefined = await start();
  let running = 0;
  const seen = { answers: 0, lost: 0, restarts: 0, refreshes: 0, mostRefreshes: 0 };

  const serve = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const page = pages[asked.url ?? ''];
    if (page !== undefined) return void answer.setHeader('content-type', page[0]).end(page[1]);
    if (!isRefresh(`${asked.method} ${asked.url}`)) return relay(asked, answer);
    seen.refreshes++;
    seen.mostRefreshes = Math.max(seen.mostRefreshes, ++running);
    answer.once('close', () => running--);
    await relay(asked, answer);
  };

  const relay = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const got = await sentOn(asked, app).catch(() => undefined);
    if (got === undefined) return void asked.socket.destroy();
    const number = ++seen.answers;
    if (server.delayEvery > 0 && number % server.delayEvery === 0) await sleep(Math.random() * LONGEST_DELAY_MS);
    if (server.loseEvery > 0 && number % server.loseEvery === 0) {
      seen.lost++;
      return void asked.socket.destroy();
    }
    answer.writeHead(got.status, got.headers).end(got.body);
  };

  const listener = createServer((asked, answer) => void serve(asked, answer));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const server: RoughServer = {
    // A TCP server's address is never a path.
    port: (listener.address() as AddressInfo).port,
    seen,
    loseEvery: 0,
    delayEvery: 0,
    restart: async () => {
      const former = app;
      app = undefined;
      listener.closeAllConnections();
      await former?.close();
      app = await start();
      seen.restarts++;
    },
    close: async () => {
      listener.close();
      listener.closeAllConnections();
      await app?.close();
    },
  };
  return server;
}

async function started(config: Config): Promise<Upstream> {
  const app = await buildApp(config);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** The whole answer of the application; rejects while there is none. */
async function sentOn(asked: IncomingMessage, app: Upstream | undefined): Promise<Answer> {
  const body = await bytesOf(asked);
  if (app === undefined) throw new Error('The server restarts');
  const { port } = app;
  const { method, url, headers } = asked;
  return new Promise((resolve, reject) => {
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, async (got) => {
      resolve({ status: got.statusCode ?? 0, headers: got.headers, body: await bytesOf(got) });
    });
    onward.on('error', reject).end(body);
  });
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
