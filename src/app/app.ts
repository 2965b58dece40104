import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { createMigrator } from 'pg-revisions';
import { pagesPlugin } from '../web/pages.ts';
import { processBudget } from './budget.ts';
import { isConsoleEnabled } from './config/console.ts';
import { telemetryOptions } from './config/telemetry.ts';
import type { Config } from './config.ts';
import { type AppContext, createContext } from './context.ts';
import type { Clock } from './core.ts';
import { connectClient } from './database/client.ts';
import type { Pool } from './database/pool.ts';
import { REVISIONS } from './database/revisions-directory.ts';
import { createDatabase, translateDatabaseError } from './database.ts';
import { jobs } from './jobs/index.ts';
import { createMetrics } from './observability/metrics.ts';
import type { Telemetry } from './observability/trace.ts';
import { shareConnections } from './plugins/admission/connection-shares.ts';
import { admissionPlugin } from './plugins/admission.ts';
import { bodyLimitsPlugin } from './plugins/body-limits.ts';
import { schemaCompilers } from './plugins/compilers.ts';
import { corsPlugin } from './plugins/cors.ts';
import { docsPagesPlugin } from './plugins/docs.ts';
import { answerOddRequests, answerUnparsable } from './plugins/errors/socket-answers.ts';
import { answerUnroutable, errorsPlugin, unknownRoutesPlugin } from './plugins/errors.ts';
import { flowCookiePlugin } from './plugins/flow-cookie.ts';
import { headersPlugin, securityHeaders } from './plugins/headers.ts';
import { limitHeadersPlugin } from './plugins/limit-headers.ts';
import { RequestLogger } from './plugins/logging/request-logger.ts';
import { createLogger, RequestLog } from './plugins/logging.ts';
import { metricsPlugin } from './plugins/metrics.ts';
import { openapiPlugin } from './plugins/openapi.ts';
import { parsingPlugin } from './plugins/parsing.ts';
import { requestContextPlugin } from './plugins/request-context.ts';
import { rootPlugin } from './plugins/root.ts';
import { routeRulesPlugin, trackMethods } from './plugins/route-rules.ts';
import { sessionCookiePlugin } from './plugins/session-cookie.ts';
import { createStartSpan, tracingPlugin } from './plugins/tracing.ts';
import { productFiles } from './product.ts';
import { routes } from './routes/index.ts';
import { appOrigins, publicUrl } from './services/system/mail-links.ts';
import { startWorker, type Worker } from './services/system/worker.ts';
import type { FilePurposes } from './utils/file-purposes.ts';
import { newId } from './utils/ids.ts';
import { loadWaiting } from './utils/later.ts';

/** What tests replace. */
export interface Overrides {
  clock?: Clock;
  log?: FastifyBaseLogger;
  /** What users may upload, in place of the product's. */
  filePurposes?: FilePurposes;
  /** Your own routes beside the registered ones. */
  routes?: (app: FastifyInstance) => Promise<void>;
}

const SYSTEM_CLOCK: Clock = { now: () => new Date() };
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * A connection on which nothing moves, such as one whose client reads no answer, is given up; longer than any handler works. Node looks
 * once more after this time if the last write was taken in part.
 */
const STALLED_CONNECTION_MS = 60_000;
const CLOSE_IDLE_EVERY_MS = 50;
/** By then the start's own work is done, and its readiness most likely read. */
const LOAD_WAITING_AFTER_MS = 1000;
/** Longer than Node reads a request's head, so that it is a route's schema that judges an id. */
const MAX_URL_LENGTH = 16 * 1024;

/** Puts the application together: context, plugins, routes. Nothing listens and nothing connects yet; `close()` gives all back. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<FastifyInstance> {
  const telemetry = await openTelemetry(config);
  const log: FastifyBaseLogger = overrides.log ?? createLogger(config, telemetry);
  telemetry?.reportTo(log);
  const { ctx, pool, close } = createAppContext(config, { ...overrides, log });
  ctx.jobSignal.declare(jobs.handlers.map(({ kind }) => kind));
  const headers = securityHeaders(config);
  const budget = processBudget(config);

  const app = createServer(config, { log, headers });
  // Descriptors are kept for the database and the log; a client beyond the limit is sent away.
  app.server.maxConnections = budget.connections;
  // Behind a proxy all come from its address, and it has bounds of its own.
  if (config.trusted_proxies.length === 0) shareConnections(app.server, budget.connections);
  answerOddRequests(app, headers);
  const allowedMethods = trackMethods(app);
  await app.register(headersPlugin, { headers });
  await app.register(requestContextPlugin, {
    ctx,
    startSpan: telemetry?.startTrace && createStartSpan(telemetry.startTrace),
  });
  await app.register(admissionPlugin, { budget });
  if (telemetry?.startTrace) await app.register(tracingPlugin);
  await app.register(parsingPlugin);
  await app.register(errorsPlugin, { databaseError: translateDatabaseError, allowedMethods });
  await app.register(corsPlugin, config);
  await app.register(unknownRoutesPlugin, { allowedMethods });
  await app.register(bodyLimitsPlugin);
  await app.register(openapiPlugin, config);
  if (config.docs_enabled) await app.register(docsPagesPlugin);
  await app.register(routeRulesPlugin);
  await app.register(sessionCookiePlugin, { ...config, public_url: publicUrl(config) });
  await app.register(flowCookiePlugin, { public_url: publicUrl(config), origins: appOrigins(config) });
  await app.register(limitHeadersPlugin);
  if (config.metrics_enabled) await app.register(metricsPlugin, { ctx, pool, budget });
  if (isConsoleEnabled(config)) await app.register((await import('../web/console.ts')).consolePlugin);
  if (overrides.routes) await app.register(overrides.routes);
  await app.register(rootPlugin, config);
  await app.register(routes);
  if (config.pages_enabled) await app.register(pagesPlugin);

  closeIdleConnectionsWhenClosing(app);
  loadWaitingAfterStart(app);
  const jobsEnd = workOffJobs(app);
  app.addHook('onClose', async () => {
    await jobsEnd();
    await close();
    await telemetry?.close();
  });
  return app;
}

/** The server with its deadlines and its answers to what cannot be routed. */
function createServer(
  config: Config,
  { log, headers }: { log: FastifyBaseLogger; headers: Readonly<Record<string, string>> },
): FastifyInstance {
  return fastify({
    loggerInstance: log,
    logController: new RequestLog(log),
    childLoggerFactory: (logger, bindings) => new RequestLogger(logger, bindings),
    schemaController: { compilersFactory: schemaCompilers(config) },
    genReqId: newId,
    trustProxy: config.trusted_proxies.length > 0 ? [...config.trusted_proxies] : false,
    // Slow senders are cut off here; what the handlers do has its own deadlines.
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: STALLED_CONNECTION_MS,
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2000,
      joinDuplicateHeaders: true,
      requireHostHeader: false,
    },
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true, maxParamLength: MAX_URL_LENGTH },
    frameworkErrors: answerUnroutable(headers),
    clientErrorHandler: answerUnparsable(headers),
  });
}

/** Nothing of OpenTelemetry is loaded where nothing is to be sent. */
async function openTelemetry(config: Config): Promise<Telemetry | undefined> {
  const options = telemetryOptions(config);
  if (!options.traces && !options.logs) return undefined;
  const { startTelemetry } = await import('./observability/otel.ts');
  return startTelemetry(config, options);
}

/** A keep-alive connection that was busy when the server began to close is idle a moment later, and would hold it open for a minute. */
function closeIdleConnectionsWhenClosing(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    timer = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  });
  app.addHook('onClose', async () => clearInterval(timer));
}

/** The first requests of a process find loaded what its start did without; a module that is not there ends the process. */
function loadWaitingAfterStart(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onListen', async () => {
    timer = setTimeout(loadWaiting, LOAD_WAITING_AFTER_MS).unref();
  });
  app.addHook('onClose', async () => clearTimeout(timer));
}

/** A process that listens also works off jobs. As it closes, they end beside the requests; gives the way to await that. */
function workOffJobs(app: FastifyInstance): () => Promise<void> {
  let worker: Worker | undefined;
  let end: Promise<void> | undefined;
  app.addHook('onListen', async () => {
    if (app.ctx.config.jobs) worker = startWorker(app.ctx, jobs);
  });
  app.addHook('preClose', async () => {
    end = worker?.close();
  });
  return async () => end;
}

/** The services' context alone, for commands that serve nothing; `close` writes what is pending and ends the pool. */
export function createAppContext(
  config: Config,
  { log = createLogger(config), clock = SYSTEM_CLOCK, filePurposes = productFiles }: Overrides = {},
): { ctx: AppContext; pool: Pool; close: () => Promise<void> } {
  const metrics = createMetrics();
  const { db, pool } = createDatabase(config, log, metrics);
  const migrator = createMigrator({
    ...REVISIONS,
    schema: config.database_schema,
    connect: () => connectClient(config),
  });
  const core = { config, db, clock, log, metrics };
  const { ctx, close: closeEngines } = createContext(core, {
    pending: () => migrator.pending(pool),
    budget: processBudget(config),
    filePurposes,
  });
  const close = async (): Promise<void> => {
    await closeEngines();
    await pool.end();
  };
  return { ctx, pool, close };
}
