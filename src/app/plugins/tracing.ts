import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Span, Telemetry } from '../observability/trace.ts';

const FAILED = 500;

/** Begins a request's span under its route, never its path; the caller's trace goes on where its header says one. */
export function createStartSpan(startTrace: NonNullable<Telemetry['startTrace']>): (request: FastifyRequest) => Span {
  return ({ id, method, headers, routeOptions: { url: route } }) =>
    startTrace(route === undefined ? method : `${method} ${route}`, {
      headers,
      attributes: { 'http.request.method': method, 'http.route': route, 'request.id': id },
    });
}

/** Ends the span of every request with what was answered. */
export const tracingPlugin = fastifyPlugin(async (app) => {
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const error = statusCode >= FAILED ? new ServerError(statusCode) : undefined;
    const attributes = { 'http.response.status_code': statusCode, 'user.id': request.ctx?.actor?.user.id };
    request.trace?.span?.end({ error, attributes });
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    request.trace?.span?.end({ attributes: { 'request.aborted': true } });
    done();
  });
});

/** What a span says of an answer that is the server's fault; the cause has a span of its own. */
class ServerError extends Error {
  readonly code: string;

  constructor(status: number) {
    super();
    this.code = String(status);
  }
}
