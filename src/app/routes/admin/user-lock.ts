import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { UserLock } from '../../schemas/admin/user-lock.ts';
import { IdParams } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as userLock from '../../services/admin/user-lock.ts';

export const userLockRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin', errors: ['user_not_found'] },
      schema: {
        operationId: 'getUserLock',
        tags: ['Administration'],
        summary: 'Read the lock of a user’s account',
        params: IdParams,
        response: { 200: UserLock },
      },
    },
    async (request) => userLock.get(request.ctx, request.params.id),
  );

  app.delete(
    '',
    {
      config: { auth: 'admin', errors: ['user_not_found'] },
      schema: {
        operationId: 'liftUserLock',
        tags: ['Administration'],
        summary: 'Lift the lock of a user’s account',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await userLock.lift(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
