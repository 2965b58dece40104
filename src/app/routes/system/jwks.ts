import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { JwkSet } from '../../schemas/system/jwks.ts';
import * as jwks from '../../services/system/jwks.ts';

export const jwksRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/jwks.json',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getJwks',
        tags: ['System'],
        summary: 'The public keys that verify access tokens',
        response: { 200: JwkSet },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return jwks.get(request.ctx);
    },
  );
};
