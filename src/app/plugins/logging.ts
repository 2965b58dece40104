import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import type { Log } from '../context.ts';
import { currentScope, type Telemetry } from '../utils/scope.ts';

const STANDARD_OUTPUT = 1;
/** Lines wait until there are so many bytes of them, or so long. */
const GATHER_BYTES = 16 * 1024;
/** The longest write; more than what is gathered, as the writer wants it. */
const WRITE_BYTES = 64 * 1024;
const GATHER_MS = 100;
/** What may wait while the output takes nothing; then lines are dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** One JSON line per entry on standard output, time in UTC; level as configured. Whoever reads slowly never stops a request. */
export function createLogger(
  config: Pick<Config, 'log_level'>,
  telemetry?: Pick<Telemetry, 'startTrace' | 'exportLine'>,
): pino.Logger {
  const output = pino.destination({
    dest: STANDARD_OUTPUT,
    sync: false,
    minLength: GATHER_BYTES,
    maxWrite: WRITE_BYTES,
    periodicFlush: GATHER_MS,
    maxLength: MAX_WAITING_BYTES,
  });
  const options: pino.LoggerOptions = {
    level: config.log_level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { err: serializeError },
    ...(telemetry?.startTrace && { mixin: traceIds }),
    ...(telemetry?.exportLine && { hooks: { streamWrite: teeTo(telemetry.exportLine) } }),
  };
  const log = pino(options, output);
  outliveFullDisk(output);
  reportDrops(output, log);
  return log;
}

/** One line a request, when it is answered. A query string is left out: clients put secrets there. */
export class RequestLog extends LogController {
  readonly #log: Log;

  constructor(log: Log) {
    super({ disableRequestLogging: false });
    this.#log = log;
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override defaultErrorLog(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const [path] = request.url.split('?', 1);
    const line = {
      event: 'request',
      request_id: request.id,
      method: request.method,
      path,
      route: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: rounded(reply.elapsedTime),
      queries: request.scope?.usage.queries,
      db_ms: request.scope && rounded(request.scope.usage.db_ms),
      user_id: request.ctx?.actor?.user.id,
      ip: request.ctx?.client.ip,
      trace_id: request.scope?.span?.trace_id,
      span_id: request.scope?.span?.span_id,
    };
    if (error) this.#log.error({ ...line, err: error }, 'request failed');
    else this.#log.info(line);
  }
}

/** Of the work that logs, on every line of it. */
function traceIds(): object {
  const span = currentScope()?.span;
  return span === undefined ? {} : { trace_id: span.trace_id, span_id: span.span_id };
}

function teeTo(exportLine: (line: string) => void): (line: string) => string {
  return (line) => {
    exportLine(line);
    return line;
  };
}

/** To a hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** A write that fails is tried again with the next flush; at the end nobody waits for room, as the stream itself would for ever. */
function outliveFullDisk(output: ReturnType<typeof pino.destination>): void {
  let isRefused = false;
  output.on('error', () => {
    isRefused = true;
  });
  output.on('write', () => {
    isRefused = false;
  });
  const flush = output.flushSync.bind(output);
  output.flushSync = () => {
    if (!isRefused) flush();
  };
}

/** Counts what did not fit, and says so once there is room again. */
function reportDrops(output: pino.DestinationStream & NodeJS.EventEmitter, log: Log): void {
  let dropped = 0;
  output.on('drop', () => dropped++);
  output.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    log.warn({ event: 'log.lines_dropped', lines }, 'the output was blocked for too long; lines were dropped');
  });
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
    stack: isQuery ? undefined : stack,
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}
