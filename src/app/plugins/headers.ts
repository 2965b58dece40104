import fastifyPlugin from 'fastify-plugin';
import type { Config } from '../config.ts';

/** The headers of every answer: it must not be rendered, framed, sniffed or stored (ASVS 3.4, 14.3.2). */
export function securityHeaders(config: Pick<Config, 'environment'>): Readonly<Record<string, string>> {
  return Object.freeze({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // A browser that receives it from localhost refuses plain HTTP there for a year.
    ...(config.environment === 'production' && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  });
}

/** Sets the headers before any other hook can answer. */
export const headersPlugin = fastifyPlugin<{ headers: Readonly<Record<string, string>> }>(async (app, { headers }) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    reply.header('x-request-id', request.id);
    done();
  });
});
