import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { closed, Id, IdParams, Nothing } from '../../../src/app/schemas/common.ts';
import * as covers from './service.ts';

/** The routes of the guide's book. */
export const coverRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.put(
    '/guide-books/:id/cover',
    {
      config: { auth: 'user', errors: ['file_not_found', 'user_not_found'] },
      schema: {
        operationId: 'setGuideCover',
        summary: 'Give a book a cover',
        params: IdParams,
        body: Type.Object({ cover_id: Id }, { ...closed, title: 'GuideCover' }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await covers.setCover(request.ctx, request.actor, { ...request.params, ...request.body });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/guide-books/:id/cover',
    {
      config: { auth: 'user', errors: ['file_not_found', 'user_not_found'] },
      schema: {
        operationId: 'getGuideCover',
        summary: 'Go to the cover of a book',
        params: IdParams,
        response: { 303: Nothing },
      },
    },
    async (request, reply) => reply.redirect(await covers.getCover(request.ctx, request.params.id), 303),
  );
};
