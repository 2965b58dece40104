import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';

const Jwk = Type.Object(
  { kid: Type.String(), kty: Type.String(), alg: Type.String(), use: Type.Literal('sig') },
  { additionalProperties: Type.String(), title: 'JsonWebKey' },
);

export const keyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/jwks.json',
    {
      config: { auth: 'public' },
      schema: {
        tags: ['System'],
        summary: 'The public keys that verify access tokens',
        response: { 200: Type.Object({ keys: Type.Array(Jwk) }) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return request.ctx.tokens.jwks();
    },
  );
};
