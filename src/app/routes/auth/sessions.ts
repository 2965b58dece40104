import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Session } from '../../schemas/auth/sessions.ts';
import { IdParams, PageOf, PageQuery } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as sessions from '../../services/auth/sessions.ts';

export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/logout',
    {
      config: { auth: 'user', uncounted: true, sessionCookie: true, errors: ['cross_site_request'] },
      schema: {
        operationId: 'logout',
        tags: ['Sessions'],
        summary: 'End this session',
        description: 'By the access token, or by the cookie of the session alone; the cookie is cleared.',
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await sessions.endCurrent(request.ctx, request.actor);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/sessions',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listSessions',
        tags: ['Sessions'],
        summary: 'List my sessions',
        querystring: PageQuery,
        response: { 200: PageOf(Session) },
      },
    },
    async (request) => sessions.list(request.ctx, request.actor, { ...request.query, user_id: request.actor.user.id }),
  );

  app.delete(
    '/sessions/:id',
    {
      config: { auth: 'user', errors: ['session_not_found'] },
      schema: {
        operationId: 'endSession',
        tags: ['Sessions'],
        summary: 'End one of my sessions',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await sessions.end(request.ctx, { user_id: request.actor.user.id, id: request.params.id });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/sessions',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'endOtherSessions',
        tags: ['Sessions'],
        summary: 'End all my sessions but this one',
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await sessions.endAll(request.ctx, { user_id: request.actor.user.id, keep: request.actor.session_id });
      return reply.code(204).send(null);
    },
  );
};
