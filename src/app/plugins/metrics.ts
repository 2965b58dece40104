import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Registry } from 'prom-client';
import type { Budget } from '../budget.ts';
import type { AppContext } from '../context.ts';
import { createJoin } from '../observability/cluster-metrics.ts';
import { SECONDS } from '../observability/declarations.ts';
import { Histogram } from '../observability/metrics.ts';
import {
  exposeCounter,
  exposeGauge,
  exposeHistograms,
  exposeMetrics,
  promClient,
  type Reading,
} from '../observability/prometheus.ts';
import { forget, later } from '../utils/later.ts';
import type { BudgetUse } from './admission.ts';

export interface MetricsOptions {
  ctx: AppContext;
  budget: Budget;
  /** The counters of the connection pool. */
  pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly pings: number;
    readonly discarded: number;
  };
}

/** The text is rendered at most ten times a second, however many requests ask for it: rendering takes milliseconds of the main thread. */
const RENDER_EVERY_MS = 100;
/** Any other method is the client's invention and would add a series. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The format sets no maximum length. */
const SCHEMA = {
  operationId: 'getMetrics',
  tags: ['System'],
  summary: 'Counters of the processes, for Prometheus',
  response: { 200: { content: { 'text/plain': { schema: { type: 'string', maxLength: 1_000_000 } } } } },
};

/** `GET /metrics` in Prometheus' text format, over all processes. Requests are labelled by route, never by path. */
export const metricsPlugin = fastifyPlugin<MetricsOptions>(async (app, options) => {
  const requests = createRequestTimes();
  const registry = later(() => createRegistry(app, options, requests));
  app.addHook('onClose', async () => forget(registry));
  app.addHook('onResponse', (request, reply, done) => {
    requests.observe(request, reply);
    done();
  });
  const textOfAll = sharedWithin(RENDER_EVERY_MS, createJoin(registry));
  app.get('/metrics', { config: { auth: 'public' }, schema: SCHEMA }, async (_request, reply) =>
    reply.type(registry().contentType).send(await textOfAll()),
  );
});

function createRegistry(app: FastifyInstance, { ctx, pool, budget }: MetricsOptions, requests: RequestTimes): Registry {
  const { collectDefaultMetrics, Registry } = promClient();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  exposeMetrics(registry, ctx.metrics);
  exposePool(registry, pool, ctx);
  exposeGauge(registry, 'password_hash_jobs', {
    help: 'Password hashes at work and in line',
    read: () => [
      { labels: { state: 'running' }, value: ctx.hasher.queue.running },
      { labels: { state: 'waiting' }, value: ctx.hasher.queue.waiting },
    ],
  });
  exposeCounter(registry, 'jobs_total', {
    help: 'Attempts of jobs, by kind and outcome',
    read: () => [...ctx.jobSignal.outcomes.values()].map(({ count: value, ...labels }) => ({ labels, value })),
  });
  exposeBudget(registry, budget, () => ({
    ...readUse(app.budgetUse),
    hashes: ctx.hasher.queue.running,
    hash_bytes: ctx.hasher.queue.bytes,
  }));
  exposeGauge(registry, 'server_processes', { help: 'Processes that these metrics are of', read: () => just(1) });

  exposeHistograms(registry, 'http_request_duration_seconds', {
    help: 'Time from the request’s arrival to its answer',
    read: () => requests.series.values(),
  });
  return registry;
}

/** The resources whose use is counted beside their limit. */
const BUDGETED = ['requests', 'requests_waiting', 'body_bytes', 'answer_bytes', 'hashes', 'hash_bytes'] as const;

type Use = Readonly<Record<(typeof BUDGETED)[number], number>>;

function exposeBudget(registry: Registry, budget: Budget, readUse: () => Use): void {
  const perResource = (numbers: Use): Reading[] =>
    BUDGETED.map((resource) => ({ labels: { resource }, value: numbers[resource] }));
  exposeGauge(registry, 'budget_limit', {
    help: 'What the processes may use at once; see the budget in docs/reliability.md',
    read: () => perResource(budget),
  });
  exposeGauge(registry, 'budget_used', {
    help: 'What the processes use at present',
    read: () => perResource(readUse()),
  });
}

function readUse({
  requests,
  requests_waiting,
  body_bytes,
  answer_bytes,
}: BudgetUse): Omit<Use, 'hashes' | 'hash_bytes'> {
  return { requests, requests_waiting, body_bytes, answer_bytes };
}

function exposePool(registry: Registry, pool: MetricsOptions['pool'], { config }: AppContext): void {
  exposeGauge(registry, 'db_pool_connections', {
    help: 'Connections to the database that are open',
    read: () => [
      { labels: { state: 'used' }, value: pool.totalCount - pool.idleCount },
      { labels: { state: 'idle' }, value: pool.idleCount },
    ],
  });
  exposeGauge(registry, 'db_pool_connections_max', {
    help: 'Connections to the database that may be open',
    read: () => just(config.pool_size + config.pool_max_overflow),
  });
  exposeGauge(registry, 'db_pool_waiting', {
    help: 'Work that waits for a connection',
    read: () => just(pool.waitingCount),
  });
  exposeCounter(registry, 'db_pool_pings_total', {
    help: 'Connections asked whether they live',
    read: () => just(pool.pings),
  });
  exposeCounter(registry, 'db_pool_discards_total', {
    help: 'Connections found dead',
    read: () => just(pool.discarded),
  });
}

function just(value: number): Reading[] {
  return [{ labels: {}, value }];
}

interface RequestTimes {
  series: Map<string, { labels: Reading['labels']; distribution: Histogram }>;
  observe: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** One series for each route, method and status that occurred. */
function createRequestTimes(): RequestTimes {
  const series = new Map<string, { labels: Reading['labels']; distribution: Histogram }>();
  return {
    series,
    observe: ({ method: sent, routeOptions }, { statusCode: status, elapsedTime }) => {
      const method = METHODS.has(sent) ? sent : 'other';
      const route = routeOptions.url ?? 'none';
      const key = `${status} ${method} ${route}`;
      let known = series.get(key);
      if (known === undefined) {
        known = { labels: { method, route, status }, distribution: new Histogram(SECONDS) };
        series.set(key, known);
      }
      known.distribution.observe(elapsedTime / 1000);
    },
  };
}

/** Calls `work` at most once per interval in milliseconds, first after one; earlier calls share the next one. */
function sharedWithin<T>(intervalMs: number, work: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  let last: number | undefined;
  return () => {
    // The event loop's delay is measured from the first call on.
    last ??= performance.now();
    next ??= sleep(Math.max(0, last + intervalMs - performance.now())).then(() => {
      next = undefined;
      last = performance.now();
      return work();
    });
    return next;
  };
}
