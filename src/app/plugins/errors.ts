import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppError } from '../utils/errors.ts';
import { fieldErrors } from './errors/field-errors.ts';
import { oauthMembers } from './errors/oauth.ts';
import { challenge, toProblem } from './errors/problem.ts';
import { toAppError } from './errors/translate.ts';

export interface ErrorsOptions {
  /** Translates an error of the database; `undefined` for any other. */
  databaseError: (error: unknown) => AppError | undefined;
  /** The methods of a path; empty for an unknown path. */
  allowedMethods: (path: string) => readonly string[];
}

/** Writes every refusal and failure as problem+json, or as the page of a form; no other place writes errors. */
export const errorsPlugin = fastifyPlugin<ErrorsOptions>(async (app, { databaseError, allowedMethods }) => {
  const answerUnknown = createAnswerUnknown(allowedMethods);

  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Fastify checks the body of a QUERY request before it finds that no route has the method.
    if (error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return answerUnknown(request, reply);
    const known =
      toAppError(error) ??
      brokenOff(request, error) ??
      databaseError(error) ??
      new AppError('internal_error', { cause: error });
    if (known.status >= 500) {
      const level = known.code === 'internal_error' ? 'error' : 'warn';
      const { trace_id, span_id } = request.trace?.span ?? {};
      app.ctx.log[level](
        {
          event: 'request.failed',
          request_id: request.id,
          method: request.method,
          path: request.url.split('?', 1)[0],
          status: known.status,
          duration_ms: Math.round(reply.elapsedTime * 100) / 100,
          code: known.code,
          trace_id,
          span_id,
          // Our own AppErrors carry no useful stack.
          err: known.cause ?? (error === known ? undefined : error),
        },
        known.message,
      );
    }
    return sendProblem(reply, request, known);
  });

  app.setNotFoundHandler(answerUnknown);
});

/**
 * Answers 404 and 405 before a body is read, since it belongs to no route. Register it after CORS, whose preflights have no
 * route either.
 */
export const unknownRoutesPlugin = fastifyPlugin<Pick<ErrorsOptions, 'allowedMethods'>>(
  async (app, { allowedMethods }) => {
    const answerUnknown = createAnswerUnknown(allowedMethods);
    app.addHook('onRequest', (request, reply, done) => {
      if (request.is404) answerUnknown(request, reply);
      else done();
    });
  },
);

function createAnswerUnknown(allowedMethods: ErrorsOptions['allowedMethods']) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = allowedMethods(request.url.split('?', 1)[0] ?? '');
    // A route that exists may still find nothing, such as that of static files.
    const isRouted = request.method !== 'OPTIONS' && allowed.includes(request.method);
    if (allowed.length === 0 || isRouted) return sendProblem(reply, request, new AppError('route_not_found'));
    reply.header('allow', allowed.join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return sendProblem(reply, request, new AppError('method_not_allowed'));
  };
}

/** Answers a URL that cannot be routed. No hook runs for it, so this function sets the headers. */
export function answerUnroutable(
  headers: Readonly<Record<string, string>>,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    void sendProblem(reply, request, toAppError(error) ?? new AppError('malformed_request', { cause: error }));
  };
}

/** Refused before they are read. */
const UNREAD: ReadonlySet<string> = new Set(['payload_too_large', 'unsupported_media_type']);
/** A longer body that is refused costs its connection. */
const MAX_DROPPED_BYTES = 2 * 1024 * 1024;

/**
 * Keeps the connection of a refused body that is short enough to be read and dropped: closing it would reset what the client
 * still writes, and the reset may take the answer along.
 */
function keepConnection(reply: FastifyReply, { raw, headers, ctx }: FastifyRequest, { code }: AppError): void {
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (!UNREAD.has(code) || length > MAX_DROPPED_BYTES) return;
  // An answer that is the connection's last one says so.
  const isLast = ctx.health.shutting_down || raw.httpVersion === '1.0' || /\bclose\b/i.test(headers.connection ?? '');
  if (!isLast) reply.removeHeader('connection');
}

function sendProblem(reply: FastifyReply, request: FastifyRequest, error: AppError): FastifyReply {
  // Of a file that could not be begun.
  reply.removeHeader('content-disposition');
  if (error.status === 401) reply.header('www-authenticate', challenge(error));
  keepConnection(reply, request, error);
  if (error.retry_after !== undefined) reply.header('retry-after', String(error.retry_after));
  const fields = fieldErrors(error, request);
  const { config } = request.routeOptions;
  const page = config?.refusalPage?.(request, error, fields ?? []);
  reply.code(error.status);
  if (page !== undefined)
    return reply
      .headers(page.headers ?? {})
      .type('text/html; charset=utf-8')
      .send(page.html);
  const problem = toProblem(error, request.id, fields);
  return reply
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({ ...problem, ...(config?.oauth && oauthMembers(error)) });
}

/** The client disconnected in the middle of its body: this is no failure of the server. */
function brokenOff({ raw }: FastifyRequest, cause: Error): AppError | undefined {
  return raw.destroyed && !raw.complete ? new AppError('malformed_request', { cause }) : undefined;
}
