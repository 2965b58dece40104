import cors, { type FastifyCorsOptionsDelegateCallback } from '@fastify/cors';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '../config.ts';

/** The request headers that browsers, apps and their libraries send. */
const USUAL_HEADERS = [
  'authorization',
  'content-type',
  'cache-control',
  'if-none-match',
  'pragma',
  'x-request-id',
  'x-requested-with',
  'x-session',
  // What tracing and error reports in a browser add to each request.
  'baggage',
  'sentry-trace',
  'traceparent',
  'tracestate',
];

/** What a page of another origin may send and read. */
const RULES = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
  maxAge: 600,
};

/** Allows the configured origins to call the API (Fetch §3.3). If none is configured, answers have no CORS headers. */
export const corsPlugin = fastifyPlugin<Pick<Config, 'cors_origins' | 'cors_headers'>>(
  async (app, { cors_origins, cors_headers }) => {
    if (cors_origins.length === 0) return;
    const origin = cors_origins.includes('*') ? '*' : [...cors_origins];
    const allowedHeaders = [...USUAL_HEADERS, ...cors_headers];
    const rules = { ...RULES, allowedHeaders, origin, strictPreflight: false };
    const choose: FastifyCorsOptionsDelegateCallback = (request, done) =>
      done(null, {
        ...rules,
        preflight: isPreflight(request),
        // The cookie of a session, for the pages of an origin that is named.
        credentials: cors_origins.includes(request.headers.origin ?? ''),
      });
    await app.register(cors, () => choose);
  },
);

/** An OPTIONS request without these two headers comes from no browser; it asks for the methods of a path. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}
