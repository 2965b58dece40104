import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Budget } from '../budget.ts';
import { inTrace } from '../observability/trace.ts';
import { clientShare } from '../utils/client-networks.ts';
import { AppError } from '../utils/errors.ts';
import { type BytePool, createBytePool, type Holder, type Reservation } from './admission/byte-pool.ts';
import { createConnectionLines, type Line } from './admission/connection-lines.ts';
import { createNetworkShares, isBeyondPart, type NetworkShare } from './admission/network-shares.ts';
import { createPacer } from './admission/pacer.ts';
import { addBodyHook } from './body-hooks.ts';

/** What the process uses of its budget. */
export interface BudgetUse {
  readonly requests: number;
  readonly requests_waiting: number;
  readonly body_bytes: number;
  readonly answer_bytes: number;
}

/** What one request holds until its answer is sent or its connection is gone. */
interface Admitted {
  readonly connection: Connection;
  /** Until its answer is sent or its connection is gone. */
  isOpen: boolean;
  isStarted: boolean;
  /** False for one that was refused: it waits for its turn on its connection, and no work is done for it. */
  isCounted: boolean;
  /** What its network holds. */
  readonly share: Share;
  answer_bytes: number;
  body: Reservation | undefined;
  answer: Reservation | undefined;
}

/** A connection, the requests that it holds, and the network of its last one: most connections have one network. */
interface Connection {
  readonly line: Line<Socket>;
  readonly admitted: Admitted[];
  ip: string | undefined;
  share: Share | undefined;
}

/** What the requests of one network hold together. Its members are connections and requests. */
interface Share extends NetworkShare {
  requests: number;
  answer_bytes: number;
}

type Done = (error?: Error) => void;

const ADMITTED = Symbol('admitted');
const CONNECTION = Symbol('connection');

declare module 'node:net' {
  interface Socket {
    [CONNECTION]?: Connection;
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    budgetUse: BudgetUse;
  }
  interface FastifyRequest {
    [ADMITTED]?: Admitted;
  }
}

/** A stream's own buffers: what of it is in memory at once. */
const STREAM_BYTES = 64 * 1024;
/** From this size on an answer counts; the many small ones fit into what each request is granted. */
const SMALL_ANSWER_BYTES = 2048;
/** Pipelined requests that start in one turn of the event loop; those that come alone start at once. */
const STARTS_A_TURN = 8;
/** Kept for networks that hold little while others hold all: a quarter of the requests, beyond the budget. */
const RESERVE = 1.25;
/** Requests that may be worked on beside others of their connection. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A network may hold this many times the requests that are free: all of the budget, if there is no other. */
const TIMES_FREE = 4;

/**
 * Keeps the process within its budget: requests per connection and in all, bytes of bodies and of answers. What does not fit
 * gets 503 before any work is done for it. Health checks are always admitted. Register it after the request's context.
 */
export const admissionPlugin = fastifyPlugin<{ budget: Budget }>(async (app, { budget }) => {
  const bodies = createBytePool(budget.body_bytes);
  const answers = createBytePool(budget.answer_bytes);
  const lines = createConnectionLines<Socket>({
    perConnection: budget.requests_per_connection,
    maxWaiting: budget.requests_waiting,
    pause: (socket) => socket.pause(),
    resume: (socket) => socket.resume(),
    close: (socket) => socket.destroy(),
  });
  const shares = createNetworkShares<Share>((name) => ({ name, members: 0, requests: 0, answer_bytes: 0 }));
  const later = createPacer(STARTS_A_TURN);
  let requests = 0;

  app.decorateRequest(ADMITTED, undefined);
  app.decorate('budgetUse', {
    get requests() {
      return requests;
    },
    get requests_waiting() {
      return lines.waiting;
    },
    get body_bytes() {
      return bodies.used;
    },
    get answer_bytes() {
      return answers.used;
    },
  });

  const release = (admitted: Admitted): void => {
    const { share, connection } = admitted;
    if (!admitted.isOpen) return;
    admitted.isOpen = false;
    connection.admitted.splice(connection.admitted.indexOf(admitted), 1);
    admitted.body?.release();
    admitted.answer?.release();
    share.answer_bytes -= admitted.answer_bytes;
    shares.leave(share);
    if (!admitted.isStarted) return;
    if (admitted.isCounted) {
      requests--;
      share.requests--;
    }
    lines.leave(connection.line);
  };
  /** A network that holds far more of the requests than are free, or most of the answers, is told to come back first. */
  const isFull = (share: Share): boolean => {
    const free = budget.requests * RESERVE - requests;
    if (free <= 0 || isBeyondPart(share.requests, { free, times: TIMES_FREE })) return true;
    return answers.used >= answers.limit && share.answer_bytes > answers.limit / 2 && !hasRoom(answers);
  };
  const connectionOf = (socket: Socket): Connection => {
    const known = socket[CONNECTION];
    if (known !== undefined) return known;
    const connection: Connection = { line: lines.open(socket), admitted: [], ip: undefined, share: undefined };
    socket[CONNECTION] = connection;
    // Without an answer that is sent whole, and for pipelined ones that never reached the socket, there is no other event.
    socket.once('close', () => {
      lines.drop(connection.line);
      if (connection.share !== undefined) shares.leave(connection.share);
      for (const one of [...connection.admitted]) release(one);
    });
    return connection;
  };
  /** The share of the request's network; behind a proxy a connection brings requests of many. */
  const shareOf = (connection: Connection, ip: string): Share => {
    if (connection.share !== undefined && connection.ip === ip) return connection.share;
    const share = shares.enter(clientShare(ip));
    if (connection.share !== undefined) shares.leave(connection.share);
    connection.ip = ip;
    connection.share = share;
    return share;
  };

  const start = (request: FastifyRequest, admitted: Admitted, done: Done): void => {
    const { share } = admitted;
    admitted.isStarted = true;
    admitted.isCounted = isHealthCheck(request) || !isFull(share);
    if (admitted.isCounted) {
      requests++;
      share.requests++;
    }
    done(admitted.isCounted ? undefined : overloaded());
  };

  app.addHook('onRequest', (request, _reply, done) => {
    const connection = connectionOf(request.raw.socket);
    const share = shareOf(connection, request.ctx.client.ip);
    share.members++;
    const admitted: Admitted = {
      connection,
      isOpen: true,
      isStarted: false,
      isCounted: false,
      share,
      answer_bytes: 0,
      body: undefined,
      answer: undefined,
    };
    request[ADMITTED] = admitted;
    connection.admitted.push(admitted);
    const isSafe = SAFE.has(request.method);
    const mayStart = lines.enter(connection.line, isSafe);
    if (mayStart && connection.admitted.length === 1) return start(request, admitted, done);
    // In its own trace instead of that of the request before.
    const startLater = (): void =>
      later(() => admitted.isOpen && inTrace(request.trace, () => start(request, admitted, done)));
    if (mayStart) startLater();
    else lines.wait(connection.line, { isSafe, start: startLater });
  });

  app.addHook('onResponse', (request, _reply, done) => {
    const admitted = request[ADMITTED];
    if (admitted !== undefined) release(admitted);
    done();
  });

  // After the caller is known and before the body is read.
  addBodyHook(app, 'preParsing', (request, _reply, _payload, done) => {
    const bytes = bodyBytes(request);
    if (bytes === 0) return done();
    const { raw } = request;
    const body = bodies.reserve(bytes, { isStalled: () => !raw.complete, evict: () => raw.destroy() });
    if (body === undefined) return done(overloaded());
    if (request[ADMITTED]) request[ADMITTED].body = body;
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const bytes = answerBytes(payload);
    const admitted = request[ADMITTED];
    if (bytes < SMALL_ANSWER_BYTES || admitted === undefined || !admitted.isOpen) return done(null, payload);
    admitted.answer = answers.reserve(bytes, holderOf(reply));
    if (admitted.answer !== undefined) admitted.answer_bytes = bytes;
    admitted.share.answer_bytes += admitted.answer_bytes;
    // Only a read is refused at this point: a change is done, and its answer says so.
    if (admitted.answer === undefined && request.method === 'GET' && reply.statusCode < 400) return done(overloaded());
    done(null, payload);
  });
});

function holderOf({ raw }: FastifyReply): Holder {
  return { isStalled: () => raw.headersSent && !raw.writableFinished, evict: () => raw.destroy() };
}

/** Makes room for one small answer by evicting stalled ones. */
function hasRoom(answers: BytePool): boolean {
  const probe = answers.reserve(SMALL_ANSWER_BYTES, { isStalled: () => false, evict: () => {} });
  probe?.release();
  return probe !== undefined;
}

function isHealthCheck({ url }: FastifyRequest): boolean {
  return url.startsWith('/health');
}

/** What the request says of its body, or the most that its route reads. */
function bodyBytes({ raw: { headers }, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit;
  return Math.min(Number(headers['content-length'] ?? 0), bodyLimit);
}

function answerBytes(payload: unknown): number {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length;
  return payload === null || payload === undefined ? 0 : STREAM_BYTES;
}

function overloaded(): AppError {
  return new AppError('service_unavailable', {
    detail: 'The server is busy with other requests; try again shortly',
    retry_after: 1,
  });
}
