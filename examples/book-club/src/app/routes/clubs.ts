import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Club, ClubCreate, ClubUpdate } from '../schemas/clubs.ts';
import { IdParams, PageOf, PageQuery } from '../schemas/common.ts';
import { Type } from '../schemas/type.ts';
import * as clubs from '../services/clubs.ts';

/** What members do with their clubs. */
export const clubRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listClubs',
        tags: ['Clubs'],
        summary: 'List clubs',
        querystring: PageQuery,
        response: { 200: PageOf(Club) },
      },
    },
    async (request) => clubs.list(request.ctx, request.actor, request.query),
  );

  app.post(
    '',
    {
      config: { auth: 'user', errors: ['club_limit'] },
      schema: {
        operationId: 'createClub',
        tags: ['Clubs'],
        summary: 'Create a club',
        body: ClubCreate,
        response: { 201: Club },
      },
    },
    async (request, reply) => reply.code(201).send(await clubs.create(request.ctx, request.actor, request.body)),
  );

  app.get(
    '/:id',
    {
      config: { auth: 'user', errors: ['club_not_found'] },
      schema: {
        operationId: 'getClub',
        tags: ['Clubs'],
        summary: 'Read a club',
        params: IdParams,
        response: { 200: Club },
      },
    },
    async (request) => clubs.get(request.ctx, request.actor, request.params.id),
  );

  app.patch(
    '/:id',
    {
      config: { auth: 'user', errors: ['club_not_found', 'forbidden'] },
      schema: {
        operationId: 'updateClub',
        tags: ['Clubs'],
        summary: 'Change a club',
        params: IdParams,
        body: ClubUpdate,
        response: { 200: Club },
      },
    },
    async (request) => clubs.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', errors: ['club_not_found', 'forbidden'] },
      schema: {
        operationId: 'deleteClub',
        tags: ['Clubs'],
        summary: 'Delete a club',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await clubs.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
