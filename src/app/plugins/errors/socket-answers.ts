import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ErrorCodeName } from '../../utils/error-codes.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import { STATUS_CODES } from '../http-status.ts';
import { toProblem } from './problem.ts';

/** How long a refused client may take to read its answer. */
const LINGER_MS = 1000;
const LINGER_READ_MS = 200;

/** Refusals of Node's HTTP parser, before a request exists. */
const PARSER_CODES: Record<string, ErrorCodeName> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

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
