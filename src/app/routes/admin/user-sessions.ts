import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { UserSessionParams } from '../../schemas/admin/user-sessions.ts';
import { Session } from '../../schemas/auth/sessions.ts';
import { IdParams, PageOf, PageQuery } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as userSessions from '../../services/admin/user-sessions.ts';

export const userSessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin', errors: ['user_not_found'] },
      schema: {
        operationId: 'listUserSessions',
        tags: ['Administration'],
        summary: 'List a user’s sessions',
        params: IdParams,
        querystring: PageQuery,
        response: { 200: PageOf(Session) },
      },
    },
    async (request) => userSessions.list(request.ctx, request.actor, { ...request.query, user_id: request.params.id }),
  );

  app.delete(
    '',
    {
      config: { auth: 'admin', errors: ['user_not_found'] },
      schema: {
        operationId: 'endUserSessions',
        tags: ['Administration'],
        summary: 'End all of a user’s sessions',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await userSessions.endAll(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/:session_id',
    {
      config: { auth: 'admin', errors: ['user_not_found', 'session_not_found'] },
      schema: {
        operationId: 'endUserSession',
        tags: ['Administration'],
        summary: 'End one of a user’s sessions',
        params: UserSessionParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await userSessions.end(request.ctx, { user_id: request.params.id, id: request.params.session_id });
      return reply.code(204).send(null);
    },
  );
};
