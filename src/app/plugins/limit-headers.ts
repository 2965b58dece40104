import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { RequestContext } from '../context.ts';

type Quota = RequestContext['quotas'][number];

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) on the routes that declare rate_limited;
 * no other route pays for them.
 */
export const limitHeadersPlugin = fastifyPlugin(async (app) => {
  app.addHook('onRoute', (route) => {
    if (route.config?.errors?.includes('rate_limited')) route.onSend = [writeQuotas, ...[route.onSend ?? []].flat()];
  });
});

function writeQuotas(request: FastifyRequest, reply: FastifyReply, _payload: unknown, done: () => void): void {
  const { quotas } = request.ctx;
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
