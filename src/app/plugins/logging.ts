import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import type { Log } from '../core.ts';
import { openLogOutput } from '../observability/log-output.ts';
import { createLogText, type LogTextOptions } from '../observability/log-text.ts';
import { currentTrace, type Telemetry } from '../observability/trace.ts';
import { AppError } from '../utils/errors.ts';

type LogConfig = Pick<Config, 'log_level' | 'log_format' | 'environment'>;

/** Of an output that is no terminal. */
const DEFAULT_COLUMNS = 120;

/** One JSON line per entry on standard output, time in UTC; level as configured. A slow log reader never blocks a request. */
export function createLogger(config: LogConfig, telemetry?: Pick<Telemetry, 'startTrace' | 'exportLine'>): pino.Logger {
  const options: pino.LoggerOptions = {
    level: config.log_level,
    base: { pid: process.pid },
    timestamp: createIsoTime(),
    formatters: { level: (level) => ({ level }) },
    serializers: { err: serializeError },
    ...(telemetry?.startTrace && { mixin: traceIds }),
    ...writeHook(config, telemetry?.exportLine),
  };
  const output = openLogOutput({
    onDropped: (lines) =>
      log.warn({ event: 'log.lines_dropped', lines }, 'the output was blocked for too long; lines were dropped'),
  });
  const log = pino(options, output);
  return log;
}

/** One line a request, when it is answered. A query string is left out: clients put secrets there. */
export class RequestLog extends LogController {
  readonly #log: Log;

  constructor(log: Log) {
    super({ disableRequestLogging: false, requestIdLogLabel: 'request_id' });
    this.#log = log;
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override defaultErrorLog(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = answered('request', request, reply);
    if (error) this.#log.error({ ...line, err: error }, 'request failed');
    else this.#log.info(line);
  }

  /** A streamed answer did not reach its end; no other line of the request follows. */
  override streamError(error: NodeJS.ErrnoException, request: FastifyRequest, reply: FastifyReply): void {
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE')
      this.#log.info(answered('answer.abandoned', request, reply), 'the client left before the end of the answer');
    else if (error instanceof AppError && error.status < 500)
      this.#log.info(
        { ...answered('answer.ended', request, reply), code: error.code },
        'the caller may not have the rest of the answer',
      );
    else
      this.#log.error(
        { ...answered('answer.broke_off', request, reply), err: error },
        'the answer broke off after its beginning',
      );
  }
}

function answered(event: string, request: FastifyRequest, reply: FastifyReply): object {
  const { url } = request;
  const query = url.indexOf('?');
  return {
    event,
    request_id: request.id,
    method: request.method,
    path: query === -1 ? url : url.slice(0, query),
    route: request.routeOptions.url,
    status: reply.statusCode,
    duration_ms: rounded(reply.elapsedTime),
    queries: request.trace?.usage.queries,
    db_ms: request.trace && rounded(request.trace.usage.db_ms),
    user_id: request.ctx?.actor?.user.id,
    ip: request.ctx?.client.ip,
    trace_id: request.trace?.span?.trace_id,
    span_id: request.trace?.span?.span_id,
  };
}

/** Gives `,"time":"…"` in UTC; the date is written anew only where a second has gone by since the last line. */
function createIsoTime(): () => string {
  let second = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (Math.floor(now / 1000) !== second) {
      second = Math.floor(now / 1000);
      text = `,"time":"${new Date(now).toISOString().slice(0, -'000Z'.length)}`;
    }
    return `${text}${String(now - second * 1000).padStart(3, '0')}Z"`;
  };
}

/** Of the work that logs, on every line of it. */
function traceIds(): object {
  const span = currentTrace()?.span;
  return span === undefined ? {} : { trace_id: span.trace_id, span_id: span.span_id };
}

/** What happens to a line on its way out: a copy to the collector, and the form that a person reads. */
function writeHook(config: LogConfig, exportLine: Telemetry['exportLine']): Pick<pino.LoggerOptions, 'hooks'> {
  const toText = isForPeople(config) ? createLogText(terminal()) : undefined;
  if (toText === undefined && exportLine === undefined) return {};
  return {
    hooks: {
      streamWrite: (line) => {
        exportLine?.(line);
        return toText?.(line) ?? line;
      },
    },
  };
}

function isForPeople({ log_format, environment }: LogConfig): boolean {
  return log_format === 'auto' ? environment === 'development' && process.stdout.isTTY : log_format === 'text';
}

/** `hasColors` reads NO_COLOR, FORCE_COLOR and TERM. */
function terminal(): LogTextOptions {
  const { stdout } = process;
  return { colours: stdout.isTTY && stdout.hasColors(), columns: () => stdout.columns ?? DEFAULT_COLUMNS };
}

/** To a hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** An error with its causes, without the values of a query: those are what people typed. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  const isQuery = name === 'DrizzleQueryError' || message.startsWith('Failed query');
  return {
    type: name,
    code,
    message: isQuery ? message.split('\nparams:', 1)[0] : message,
    stack: isQuery ? framesOf(error) : stack,
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}

/** The frames below the message, which has the values; nothing if the message changed since the stack was taken. */
function framesOf({ stack = '', message }: Error): string | undefined {
  const begin = stack.indexOf(message);
  return begin === -1 ? undefined : stack.slice(begin + message.length).replace(/^\n/, '');
}
