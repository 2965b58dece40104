import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { UserCreate, UserQuery, UserUpdate } from '../../schemas/admin/users.ts';
import { User } from '../../schemas/auth/users.ts';
import { IdParams, PageOf } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as users from '../../services/admin/users.ts';

export const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin' },
      schema: {
        operationId: 'listUsers',
        tags: ['Administration'],
        summary: 'List users',
        querystring: UserQuery,
        response: { 200: PageOf(User) },
      },
    },
    async (request) => users.list(request.ctx, request.query),
  );

  app.post(
    '',
    {
      config: {
        auth: 'admin',
        errors: ['email_taken', 'password_too_short', 'password_too_long', 'password_too_common', 'password_breached'],
      },
      schema: {
        operationId: 'createUser',
        tags: ['Administration'],
        summary: 'Create a user',
        body: UserCreate,
        response: { 201: User },
      },
    },
    async (request, reply) => reply.code(201).send(await users.create(request.ctx, request.body)),
  );

  app.get(
    '/:id',
    {
      config: { auth: 'admin', errors: ['user_not_found'] },
      schema: {
        operationId: 'getUser',
        tags: ['Administration'],
        summary: 'Read a user',
        params: IdParams,
        response: { 200: User },
      },
    },
    async (request) => users.get(request.ctx, request.params.id),
  );

  app.patch(
    '/:id',
    {
      config: { auth: 'admin', errors: ['user_not_found', 'last_admin'] },
      schema: {
        operationId: 'updateUser',
        tags: ['Administration'],
        summary: 'Change, disable or enable a user',
        params: IdParams,
        body: UserUpdate,
        response: { 200: User },
      },
    },
    async (request) => users.update(request.ctx, { ...request.params, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'admin', errors: ['user_not_found', 'last_admin'] },
      schema: {
        operationId: 'deleteUser',
        tags: ['Administration'],
        summary: 'Delete a user and all it owns',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await users.remove(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
