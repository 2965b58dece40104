import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { inSpan, type Span, type Telemetry } from '../observability/trace.ts';

const FAILED = 500;

/** Starts a request's span. Its name has the route, never the path. A `traceparent` header continues the caller's trace. */
export function createStartSpan(startTrace: NonNullable<Telemetry['startTrace']>): (request: FastifyRequest) => Span {
  return ({ id, method, headers, routeOptions: { url: route } }) =>
    startTrace(route === undefined ? method : `${method} ${route}`, {
      headers,
      attributes: { 'http.request.method': method, 'http.route': route, 'request.id': id },
    });
}

/** Runs each route's handler in a child span, and ends the request's span with the status of the answer. */
export const tracingPlugin = fastifyPlugin(async (app) => {
  app.addHook('onRoute', (route) => {
    route.handler = inHandlerSpan(route.handler);
  });
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

function inHandlerSpan(handler: RouteHandlerMethod): RouteHandlerMethod {
  return function (request, reply) {
    return inSpan('handler', () => handler.call(this, request, reply));
  };
}

/** The error of a span whose answer is a 5xx. The span of the failed operation has the cause. */
class ServerError extends Error {
  readonly code: string;

  constructor(status: number) {
    super();
    this.code = String(status);
  }
}
