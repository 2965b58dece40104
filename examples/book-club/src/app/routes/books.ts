import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Book, BookCreate, BookParent, BookQuery, BookUpdate } from '../schemas/books.ts';
import { IdParams, PageOf } from '../schemas/common.ts';
import { Type } from '../schemas/type.ts';
import * as books from '../services/books.ts';

/** The books of a club: organisers change them, members read them. */
export const bookRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/clubs/:club_id/books',
    {
      config: { auth: 'user', errors: ['club_not_found'] },
      schema: {
        operationId: 'listBooks',
        tags: ['Books'],
        summary: 'List books',
        params: BookParent,
        querystring: BookQuery,
        response: { 200: PageOf(Book) },
      },
    },
    async (request) => books.list(request.ctx, request.actor, { ...request.params, ...request.query }),
  );

  app.post(
    '/clubs/:club_id/books',
    {
      config: { auth: 'user', errors: ['club_not_found', 'book_limit', 'forbidden'] },
      schema: {
        operationId: 'createBook',
        tags: ['Books'],
        summary: 'Create a book',
        params: BookParent,
        body: BookCreate,
        response: { 201: Book },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await books.create(request.ctx, request.actor, { ...request.params, ...request.body })),
  );

  app.get(
    '/books/:id',
    {
      config: { auth: 'user', errors: ['book_not_found'] },
      schema: {
        operationId: 'getBook',
        tags: ['Books'],
        summary: 'Read a book',
        params: IdParams,
        response: { 200: Book },
      },
    },
    async (request) => books.get(request.ctx, request.actor, request.params.id),
  );

  app.patch(
    '/books/:id',
    {
      config: { auth: 'user', errors: ['book_not_found', 'forbidden'] },
      schema: {
        operationId: 'updateBook',
        tags: ['Books'],
        summary: 'Change a book',
        params: IdParams,
        body: BookUpdate,
        response: { 200: Book },
      },
    },
    async (request) => books.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/books/:id',
    {
      config: { auth: 'user', errors: ['book_not_found', 'forbidden'] },
      schema: {
        operationId: 'deleteBook',
        tags: ['Books'],
        summary: 'Delete a book',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await books.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
