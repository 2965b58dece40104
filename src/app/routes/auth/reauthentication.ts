import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Reauthentication } from '../../schemas/auth/reauthentication.ts';
import { Type } from '../../schemas/type.ts';
import * as reauthentication from '../../services/auth/reauthentication.ts';

export const reauthenticationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        auth: 'user',
        uncounted: true,
        errors: ['invalid_credentials', 'reauthentication_required', 'rate_limited'],
      },
      schema: {
        operationId: 'reauthenticate',
        tags: ['Second factors'],
        summary: 'Prove once more who I am; the session is fresh for five minutes',
        body: Reauthentication,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await reauthentication.reauthenticate(request.ctx, request.actor, request.body);
      return reply.code(204).send(null);
    },
  );
};
