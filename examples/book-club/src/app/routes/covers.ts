import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams, Nothing } from '../schemas/common.ts';
import { CoverSet } from '../schemas/covers.ts';
import { AddressQuery, FileAddress } from '../schemas/system/files.ts';
import { Type } from '../schemas/type.ts';
import * as covers from '../services/covers.ts';

const tags = ['Books'];

/** The pictures of books, which clients upload to /files. */
export const coverRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.put(
    '/books/:id/cover',
    {
      config: { auth: 'user', errors: ['book_not_found', 'file_not_found', 'cover_taken', 'forbidden'] },
      schema: {
        operationId: 'setBookCover',
        tags,
        summary: 'Give a book a cover',
        params: IdParams,
        body: CoverSet,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await covers.set(request.ctx, request.actor, { book_id: request.params.id, ...request.body });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/books/:id/cover',
    {
      config: { auth: 'user', errors: ['book_not_found', 'cover_not_found', 'file_not_found'] },
      schema: {
        operationId: 'getBookCover',
        tags,
        summary: 'Go to the cover of a book',
        params: IdParams,
        querystring: AddressQuery,
        response: { 200: FileAddress, 303: Nothing },
      },
    },
    async (request, reply) => {
      const url = await covers.getAddress(request.ctx, request.actor, request.params.id);
      return request.query.redirect === false ? reply.send({ url }) : reply.redirect(url, 303);
    },
  );

  app.delete(
    '/books/:id/cover',
    {
      config: { auth: 'user', errors: ['book_not_found', 'cover_not_found', 'forbidden'] },
      schema: {
        operationId: 'removeBookCover',
        tags,
        summary: 'Take the cover of a book away',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await covers.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
