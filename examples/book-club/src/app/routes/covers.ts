import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams } from '../schemas/common.ts';
import { Cover, CoverTypes } from '../schemas/covers.ts';
import { Type } from '../schemas/type.ts';
import * as covers from '../services/covers.ts';

const tags = ['Books'];

/** The pictures of books. A plugin of its own, since the parser is for its routes alone. */
export const coverRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addContentTypeParser(CoverTypes, { parseAs: 'buffer' }, async (_request: unknown, body: unknown) => body);

  app.put(
    '/books/:id/cover',
    {
      bodyLimit: 256 * 1024,
      config: { auth: 'user', errors: ['book_not_found', 'forbidden'] },
      schema: {
        operationId: 'setBookCover',
        tags,
        summary: 'Set the cover of a book',
        params: IdParams,
        body: Cover,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await covers.set(request.ctx, request.actor, { book_id: request.params.id, bytes: request.body });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/books/:id/cover',
    {
      config: { auth: 'user', errors: ['book_not_found', 'cover_not_found'] },
      schema: {
        operationId: 'getBookCover',
        tags,
        summary: 'Read the cover of a book',
        params: IdParams,
        response: { 200: Cover },
      },
    },
    async (request, reply) => {
      const { type, bytes } = await covers.get(request.ctx, request.actor, request.params.id);
      return reply.type(type).send(bytes);
    },
  );
};
