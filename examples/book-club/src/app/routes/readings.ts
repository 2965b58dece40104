import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams, PageOf, PageQuery } from '../schemas/common.ts';
import { Reading, ReadingCreate, ReadingParent, ReadingUpdate } from '../schemas/readings.ts';
import { Type } from '../schemas/type.ts';
import * as readings from '../services/readings.ts';

/** What a club reads, and when it meets. */
export const readingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/clubs/:club_id/readings',
    {
      config: { auth: 'user', errors: ['club_not_found'] },
      schema: {
        operationId: 'listReadings',
        tags: ['Readings'],
        summary: 'List readings',
        params: ReadingParent,
        querystring: PageQuery,
        response: { 200: PageOf(Reading) },
      },
    },
    async (request) => readings.list(request.ctx, request.actor, { ...request.params, ...request.query }),
  );

  app.post(
    '/clubs/:club_id/readings',
    {
      config: { auth: 'user', errors: ['book_not_found', 'club_not_found', 'reading_limit', 'forbidden'] },
      schema: {
        operationId: 'createReading',
        tags: ['Readings'],
        summary: 'Create a reading',
        params: ReadingParent,
        body: ReadingCreate,
        response: { 201: Reading },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await readings.create(request.ctx, request.actor, { ...request.params, ...request.body })),
  );

  app.get(
    '/readings/:id',
    {
      config: { auth: 'user', errors: ['reading_not_found'] },
      schema: {
        operationId: 'getReading',
        tags: ['Readings'],
        summary: 'Read a reading',
        params: IdParams,
        response: { 200: Reading },
      },
    },
    async (request) => readings.get(request.ctx, request.actor, request.params.id),
  );

  app.patch(
    '/readings/:id',
    {
      config: { auth: 'user', errors: ['reading_not_found', 'forbidden'] },
      schema: {
        operationId: 'updateReading',
        tags: ['Readings'],
        summary: 'Change a reading',
        params: IdParams,
        body: ReadingUpdate,
        response: { 200: Reading },
      },
    },
    async (request) => readings.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/readings/:id',
    {
      config: { auth: 'user', errors: ['reading_not_found', 'forbidden'] },
      schema: {
        operationId: 'deleteReading',
        tags: ['Readings'],
        summary: 'Delete a reading',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await readings.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
