import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AppContext } from '../context.ts';
import type { Actor, ClientInfo } from '../core.ts';
import { currentTrace, inTrace, newUsage, type Span } from '../observability/trace.ts';
import { plainAddress } from '../utils/client-networks.ts';
import { AppError } from '../utils/errors.ts';
import { addBodyHook } from './body-hooks.ts';

/** The request's member behind `request.actor`. */
const ACTOR = Symbol('actor');

declare module 'fastify' {
  interface FastifyRequest {
    [ACTOR]: Actor | undefined;
  }
}

export interface RequestContextOptions {
  ctx: AppContext;
  /** Starts the span of a request; absent if tracing is off. */
  startSpan?: ((request: FastifyRequest) => Span) | undefined;
}

const SLASH = 47;
/** The routes that declare rate_limited replace it; see limit-headers.ts. */
const ignoreQuota = (): void => {};
/** A host with an optional port (RFC 3986 §3.2.2). No comma: Node joins two Host headers by one. */
const HOST = /^[\w.~!$&'()*+;=%-]*(?::\d{0,5})?$|^\[[\da-fA-F:.]+\](?::\d{0,5})?$/;

/** Gives each request its context, and refuses requests that cannot be routed safely. */
export const requestContextPlugin = fastifyPlugin<RequestContextOptions>(async (app, { ctx, startSpan }) => {
  app.decorate('ctx', ctx);
  app.decorateRequest('ctx');
  app.decorateRequest('trace');
  app.decorateRequest(ACTOR, undefined);
  app.decorateRequest('actor', {
    getter(this: FastifyRequest) {
      const actor = this[ACTOR];
      if (actor === undefined) throw new Error(`${this.routeOptions.url} is public: it has no actor`);
      return actor;
    },
    setter(this: FastifyRequest, actor: Actor) {
      this[ACTOR] = actor;
      // The only change of a context after its creation. A copy would cost time on every request.
      (this.ctx as { actor: Actor | null }).actor = actor;
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    request.ctx = {
      ...ctx,
      request_id: request.id,
      client: clientInfo(request),
      reportQuota: ignoreQuota,
      actor: null,
    };
    request.trace = { ip: request.ctx.client.ip, usage: newUsage(), span: startSpan?.(request) };
    const refusal = refusalOf(request, reply);
    inTrace(request.trace, () => done(refusal));
  });
  // The socket's events, which deliver the body, run outside of the request's trace.
  addBodyHook(app, 'preValidation', (request, _reply, done) => {
    if (currentTrace() === request.trace) done();
    else inTrace(request.trace, done);
  });
});

/** What the request is refused with before anything is known of it. */
function refusalOf(request: FastifyRequest, reply: FastifyReply): AppError | undefined {
  const { health } = request.ctx;
  // The client's next request must reach another server.
  if (health.shutting_down) reply.header('connection', 'close');
  if (health.refusing && !request.url.startsWith('/health'))
    return new AppError('service_unavailable', { detail: 'The server is shutting down', retry_after: 1 });
  if (!isAmbiguous(request)) return undefined;
  // The rest of the connection cannot be framed with certainty (RFC 9112 §6.1, §6.3).
  reply.header('connection', 'close');
  return new AppError('malformed_request');
}

/**
 * True for a request that the next hop may read differently (RFC 9112 §3.2, §6.1): no version, no Host or an invalid one, an
 * absolute target, or a body whose framing is faulty.
 */
function isAmbiguous({ raw }: FastifyRequest): boolean {
  const { host, 'transfer-encoding': coding } = raw.headers;
  const isHost = host === undefined ? raw.httpVersion !== '1.1' : HOST.test(host);
  // HTTP/1.0 knows no transfer coding, and beside a Content-Length one of the two is a lie.
  const isFramed =
    coding === undefined ||
    (coding.toLowerCase() === 'chunked' && raw.httpVersion === '1.1' && raw.headers['content-length'] === undefined);
  return raw.httpVersionMajor !== 1 || !isHost || !isFramed || raw.url?.charCodeAt(0) !== SLASH;
}

function clientInfo(request: FastifyRequest): ClientInfo {
  // Behind a trusted proxy `ip` is unchecked text from a header.
  const ip = isIP(request.ip) === 0 ? (request.raw.socket.remoteAddress ?? '') : request.ip;
  return {
    ip: plainAddress(ip),
    user_agent: request.headers['user-agent'] ?? null,
    accept_language: request.headers['accept-language'],
  };
}
