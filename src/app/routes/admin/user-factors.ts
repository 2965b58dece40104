import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { FactorRemoval } from '../../schemas/admin/user-factors.ts';
import { IdParams } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as userFactors from '../../services/admin/user-factors.ts';

export const userFactorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.delete(
    '',
    {
      config: { auth: 'admin', fresh: true, errors: ['user_not_found'] },
      schema: {
        operationId: 'removeUserFactors',
        tags: ['Administration'],
        summary: 'Remove a user’s second factors and end their sessions',
        params: IdParams,
        body: FactorRemoval,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await userFactors.remove(request.ctx, { ...request.params, ...request.body });
      return reply.code(204).send(null);
    },
  );
};
