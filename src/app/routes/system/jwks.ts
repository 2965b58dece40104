import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';

const Short = Type.String({ maxLength: 128 });

const Jwk = Type.Object(
  { kid: Short, kty: Short, alg: Short, use: Type.Literal('sig') },
  { additionalProperties: Type.String({ maxLength: 4096 }), title: 'JsonWebKey' },
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
