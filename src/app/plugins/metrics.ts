import fastifyPlugin from 'fastify-plugin';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AppContext } from '../context.ts';

export interface MetricsOptions {
  ctx: AppContext;
  /** What the connection pool counts. */
  pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly pings: number;
    readonly discarded: number;
  };
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A text of many lines; the format itself knows no longest one. */
const SCHEMA = {
  tags: ['System'],
  summary: 'Counters of this process for Prometheus',
  response: { 200: { content: { 'text/plain': { schema: { type: 'string', maxLength: 1_000_000 } } } } },
};

/** Counts what this process does, for `GET /metrics` in Prometheus' text format. Requests go by their route, never by their path. */
export const metricsPlugin = fastifyPlugin<MetricsOptions>(async (app, { ctx, pool }) => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request’s arrival to its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  gauges(registry, {
    db_pool_connections: ['Connections that are open', () => pool.totalCount],
    db_pool_idle: ['Connections that nobody uses', () => pool.idleCount],
    db_pool_waiting: ['Requests that wait for a connection', () => pool.waitingCount],
    db_pool_pings: ['Connections asked whether they live, since the start', () => pool.pings],
    db_pool_discarded: ['Connections found dead, since the start', () => pool.discarded],
    password_hashes_running: ['Password hashes at work', () => ctx.hasher.queue.running],
    password_hashes_waiting: ['Password hashes in line', () => ctx.hasher.queue.waiting],
  });

  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    requests.observe({ method, route: routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.get('/metrics', { config: { auth: 'public' }, schema: SCHEMA }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
});

function gauges(registry: Registry, described: Record<string, [help: string, read: () => number]>): void {
  for (const [name, [help, read]] of Object.entries(described)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
