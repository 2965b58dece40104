import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Actor, AppContext, ClientInfo } from '../context.ts';
import { plainAddress } from '../utils/client-networks.ts';
import { AppError } from '../utils/errors.ts';

/** Where a request keeps its actor; `request.actor` reads it. */
const ACTOR = Symbol('actor');

declare module 'fastify' {
  interface FastifyRequest {
    [ACTOR]: Actor | undefined;
  }
}

const SLASH = 47;

/** Gives each request its context, and refuses what cannot be routed safely. */
export const requestContextPlugin = fastifyPlugin<{ ctx: AppContext }>(async (app, { ctx }) => {
  app.decorate('ctx', ctx);
  app.decorateRequest('ctx');
  app.decorateRequest(ACTOR, undefined);
  app.decorateRequest('actor', {
    getter(this: FastifyRequest) {
      const actor = this[ACTOR];
      if (actor === undefined) throw new Error(`${this.routeOptions.url} is public: it has no actor`);
      return actor;
    },
    setter(this: FastifyRequest, actor: Actor) {
      this[ACTOR] = actor;
      this.ctx = { ...this.ctx, actor };
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    request.ctx = { ...ctx, request_id: request.id, client: clientInfo(request), quotas: [], actor: null };
    if (ctx.health.shutting_down && !request.url.startsWith('/health')) {
      reply.header('connection', 'close');
      done(new AppError('service_unavailable', { detail: 'The server is shutting down', retry_after: 1 }));
    } else if (isAmbiguous(request)) done(new AppError('malformed_request'));
    else done();
  });
});

/**
 * No Host, two of them (joined by Node) or an absolute target: the next hop might read another one than we do (RFC 9112 §3.2).
 * Node's parser also takes a request line that says HTTP/0.9 or HTTP/2.0, which no such request has, and passes over codings
 * beside `chunked`: a body would be read as what it is not.
 */
function isAmbiguous({ raw }: FastifyRequest): boolean {
  const { host, 'transfer-encoding': coding = 'chunked' } = raw.headers;
  const isCoded = coding.toLowerCase() !== 'chunked';
  const isMissing = host === undefined && raw.httpVersion !== '1.0';
  const isOtherVersion = raw.httpVersionMajor !== 1;
  return isCoded || isOtherVersion || isMissing || raw.url?.charCodeAt(0) !== SLASH || host?.includes(',') === true;
}

function clientInfo(request: FastifyRequest): ClientInfo {
  // Behind a trusted proxy `ip` is text from a header; only an address is one.
  const ip = isIP(request.ip) === 0 ? (request.raw.socket.remoteAddress ?? '') : request.ip;
  return { ip: plainAddress(ip), user_agent: request.headers['user-agent'] ?? null };
}
