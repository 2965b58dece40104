import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AddressRequest } from '../../schemas/auth/one-time-tokens.ts';
import { PasswordReset } from '../../schemas/auth/password-reset.ts';
import { Nothing } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as passwordReset from '../../services/auth/password-reset.ts';

export const passwordResetRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/forgot-password',
    {
      config: { auth: 'public', errors: ['rate_limited'] },
      schema: {
        operationId: 'requestPasswordReset',
        tags: ['Accounts'],
        summary: 'Have a link and a code mailed that set a new password',
        description: 'The answer is the same whether or not the address has an account.',
        body: AddressRequest,
        response: { 202: Nothing },
      },
    },
    async (request, reply) => {
      await passwordReset.request(request.ctx, request.body);
      return reply.code(202).send(undefined);
    },
  );

  app.post(
    '/reset-password',
    {
      config: {
        auth: 'public',
        errors: [
          'one_time_token_invalid',
          'password_too_short',
          'password_too_long',
          'password_too_common',
          'password_breached',
        ],
      },
      schema: {
        operationId: 'resetPassword',
        tags: ['Accounts'],
        summary: 'Set a new password by a mailed link or code, and end every session',
        body: PasswordReset,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await passwordReset.reset(request.ctx, request.body);
      return reply.code(204).send(null);
    },
  );
};
