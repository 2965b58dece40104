import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { RequestContext } from '../context.ts';

type Quota = Parameters<RequestContext['reportQuota']>[0];

/** The quotas that the request's services reported. */
const QUOTAS = Symbol('quotas');

declare module 'fastify' {
  interface FastifyRequest {
    [QUOTAS]: Quota[] | undefined;
  }
}

/**
 * Writes `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) on the routes that declare
 * rate_limited; other routes have no hook for it.
 */
export const limitHeadersPlugin = fastifyPlugin(async (app) => {
  app.decorateRequest(QUOTAS, undefined);
  app.addHook('onRoute', (route) => {
    if (!route.config?.errors?.includes('rate_limited')) return;
    route.onRequest = [collectQuotas, ...[route.onRequest ?? []].flat()];
    route.onSend = [writeQuotas, ...[route.onSend ?? []].flat()];
  });
});

function collectQuotas(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  const quotas: Quota[] = [];
  request[QUOTAS] = quotas;
  request.ctx = { ...request.ctx, reportQuota: (quota) => quotas.push(quota) };
  done();
}

function writeQuotas(request: FastifyRequest, reply: FastifyReply, _payload: unknown, done: () => void): void {
  const quotas = request[QUOTAS] ?? [];
  const standings = quotas.flatMap(standingOf);
  if (quotas.length > 0) reply.header('ratelimit-policy', quotas.map(policyOf).join(', '));
  if (standings.length > 0) reply.header('ratelimit', standings.join(', '));
  done();
}

function policyOf({ policy: { name, limit, windowSeconds } }: Quota): string {
  return `"${name}";q=${limit};w=${windowSeconds}`;
}

function standingOf({ policy, standing }: Quota): string[] {
  if (standing === undefined) return [];
  return [`"${policy.name}";r=${standing.remaining};t=${Math.ceil(standing.resetsInSeconds)}`];
}
