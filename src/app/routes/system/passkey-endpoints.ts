import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PasskeyEndpoints, RelatedOrigins } from '../../schemas/system/passkey-endpoints.ts';
import * as passkeyEndpoints from '../../services/system/passkey-endpoints.ts';

const CACHED = 'public, max-age=300';

export const passkeyEndpointRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/passkey-endpoints',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getPasskeyEndpoints',
        tags: ['Passkeys'],
        summary: 'Where a person manages passkeys',
        response: { 200: PasskeyEndpoints },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', CACHED);
      return passkeyEndpoints.endpoints(request.ctx);
    },
  );

  app.get(
    '/webauthn',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getRelatedOrigins',
        tags: ['Passkeys'],
        summary: 'The origins that use the passkeys of this domain',
        response: { 200: RelatedOrigins },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', CACHED);
      return passkeyEndpoints.relatedOrigins(request.ctx);
    },
  );
};
