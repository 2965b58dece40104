import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { TokenPair } from '../../schemas/auth/sessions.ts';
import { Registration } from '../../schemas/auth/users.ts';
import * as account from '../../services/auth/account.ts';

export const registerRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        auth: 'public',
        errors: [
          'email_taken',
          'password_too_short',
          'password_too_long',
          'password_too_common',
          'password_breached',
          'rate_limited',
        ],
      },
      schema: { tags: ['Accounts'], summary: 'Open an account', body: Registration, response: { 201: TokenPair } },
    },
    async (request, reply) => reply.code(201).send(await account.register(request.ctx, request.body)),
  );
};
