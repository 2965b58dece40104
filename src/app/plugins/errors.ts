import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { product } from '../product.ts';
import { ERROR_CODES, type ErrorCodeName, problemType } from '../utils/error-codes.ts';
import { AppError, type FieldError } from '../utils/errors.ts';
import { STATUS_CODES } from '../utils/http-status.ts';
import { newId } from '../utils/ids.ts';
import { fieldErrors, validationErrors } from './errors/field-errors.ts';

export interface ErrorsOptions {
  /** Translates an error of the database; `undefined` for any other. */
  databaseError: (error: unknown) => AppError | undefined;
  /** The methods of a path; empty for an unknown path. */
  allowedMethods: (path: string) => readonly string[];
}

/** A problem of RFC 9457, with FastAPI's `detail`. */
interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCodeName;
  request_id: string;
  errors?: FieldError[];
}

const REALM = `Bearer realm="${product.slug}"`;
/** Refusals of a sent token. Without a token the challenge has no `error` (RFC 6750 §3.1). */
const TOKEN_REFUSALS = new Set<ErrorCodeName>([
  'token_invalid',
  'token_expired',
  'session_ended',
  'refresh_token_reused',
]);
/** How long a refused client may take to read its answer. */
const LINGER_MS = 1000;
const LINGER_READ_MS = 200;

/** Fastify's own refusals. */
const FRAMEWORK_CODES: Record<string, ErrorCodeName> = {
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
};

/** Refusals of the static file server: paths outside its folder, conditions and ranges (RFC 9110 §13, §14). */
const FILE_CODES: Record<number, ErrorCodeName> = {
  403: 'route_not_found',
  412: 'precondition_failed',
  416: 'range_not_satisfiable',
};

/** Refusals of Node's HTTP parser, before a request exists. */
const PARSER_CODES: Record<string, ErrorCodeName> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Writes every refusal and failure as problem+json; no other place writes errors. */
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
    if (allowed.length === 0) return sendProblem(reply, request, new AppError('route_not_found'));
    reply.header('allow', allowed.join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return sendProblem(reply, request, new AppError('method_not_allowed'));
  };
}

/** Answers unparsable bytes on the bare socket and closes it, since the bytes that follow cannot be trusted. */
export function answerUnparsable(
  headers: Readonly<Record<string, string>>,
): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    endWithProblem(socket, PARSER_CODES[error.code ?? ''] ?? 'malformed_request', headers);
  };
}

/** Answers CONNECT and unknown expectations: Node answers them without our headers or not at all. */
export function answerOddRequests(app: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    endWithProblem(socket, 'method_not_allowed', { ...headers, allow: '' });
  });
  // A server may ignore an unknown expectation (RFC 9110 §10.1.1).
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
}

function endWithProblem(socket: Duplex, code: ErrorCodeName, headers: Readonly<Record<string, string>>): void {
  const problem = toProblem(new AppError(code), newId());
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': problem.request_id,
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`);
  closeSoon(socket);
}

/** Destroys a socket once its last bytes are sent, and after a second even if its client reads nothing and sends on. */
function closeSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('finish', () => setTimeout(() => socket.destroy(), LINGER_READ_MS).unref());
  socket.once('close', () => clearTimeout(timer));
  // What still arrives is read and dropped: unread bytes would turn the close into a reset that takes the answer along.
  socket.resume();
}

/** True while an earlier request of the connection awaits its answer: the client would take ours for that one. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  // Node's default handler reads the same member.
  const response = socket._httpMessage ?? undefined;
  return response !== undefined && (response.headersSent || response.req.complete);
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

function sendProblem(reply: FastifyReply, request: FastifyRequest, error: AppError): FastifyReply {
  if (error.status === 401) reply.header('www-authenticate', challenge(error));
  if (error.retry_after !== undefined) reply.header('retry-after', String(error.retry_after));
  return reply
    .code(error.status)
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(toProblem(error, request.id, fieldErrors(error, request)));
}

function toProblem(error: AppError, request_id: string, errors = error.errors): Problem {
  const { code, status, message: detail } = error;
  const { title } = ERROR_CODES[code];
  return { type: problemType(code), title, status, detail, code, request_id, ...(errors && { errors }) };
}

function challenge({ code, message }: AppError): string {
  return TOKEN_REFUSALS.has(code) ? `${REALM}, error="invalid_token", error_description="${message}"` : REALM;
}

function toAppError(error: FastifyError | AppError): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error.validation) {
    const errors = validationErrors(error.validation, error.validationContext);
    return new AppError('validation_failed', { errors });
  }
  // The client disconnected in the middle of its body. An error of our own sockets has `syscall`.
  if (error.code === 'ECONNRESET' && !('syscall' in error)) return new AppError('malformed_request', { cause: error });
  const code =
    FRAMEWORK_CODES[error.code ?? ''] ??
    FILE_CODES[error.statusCode ?? 0] ??
    (isRefusal(error) ? 'malformed_request' : undefined);
  return code && new AppError(code, { cause: error });
}

/** The client disconnected in the middle of its body: this is no failure of the server. */
function brokenOff({ raw }: FastifyRequest, cause: Error): AppError | undefined {
  return raw.destroyed && !raw.complete ? new AppError('malformed_request', { cause }) : undefined;
}

/** True if Fastify blames the client, also for a reason of a newer version that the table does not list. */
function isRefusal({ code, statusCode = 500 }: FastifyError): boolean {
  return code?.startsWith('FST_') === true && statusCode >= 400 && statusCode < 500;
}
