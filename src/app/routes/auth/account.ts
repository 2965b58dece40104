import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AccountClosing, PasswordChange, PasswordProof, ProfileUpdate } from '../../schemas/auth/account.ts';
import { User } from '../../schemas/auth/users.ts';
import { Type } from '../../schemas/type.ts';
import * as account from '../../services/auth/account.ts';

export const accountRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user', enrollment: true },
      schema: { operationId: 'getAccount', tags: ['Accounts'], summary: 'Who am I', response: { 200: User } },
    },
    async (request) => account.get(request.actor),
  );

  app.patch(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'updateAccount',
        tags: ['Accounts'],
        summary: 'Change my name and language',
        body: ProfileUpdate,
        response: { 200: User },
      },
    },
    async (request) => account.update(request.ctx, request.actor, request.body),
  );

  app.post(
    '/password',
    {
      config: {
        auth: 'user',
        uncounted: true,
        errors: [
          'invalid_credentials',
          'reauthentication_required',
          'password_too_short',
          'password_too_long',
          'password_too_common',
          'password_breached',
          'password_unchanged',
          'conflict',
          'rate_limited',
        ],
      },
      schema: {
        operationId: 'changePassword',
        tags: ['Accounts'],
        summary: 'Change my password and end my other sessions',
        body: PasswordChange,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await account.changePassword(request.ctx, request.actor, request.body);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '',
    {
      config: {
        auth: 'user',
        errors: ['invalid_credentials', 'reauthentication_required', 'last_admin', 'conflict', 'rate_limited'],
      },
      schema: {
        operationId: 'deleteAccount',
        tags: ['Accounts'],
        summary: 'Delete my account and all it owns',
        body: AccountClosing,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await account.close(request.ctx, request.actor, request.body);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/lock',
    {
      config: { auth: 'user', errors: ['invalid_credentials', 'rate_limited'] },
      schema: {
        operationId: 'liftLock',
        tags: ['Accounts'],
        summary: 'Lift the lock that failed logins put on my account',
        body: PasswordProof,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await account.unlock(request.ctx, request.actor, request.body);
      return reply.code(204).send(null);
    },
  );
};
