import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { traced } from '../../observability/trace.ts';
import { TokenPair } from '../../schemas/auth/sessions.ts';
import { Registration } from '../../schemas/auth/users.ts';
import { register } from '../../services/auth/account.ts';

const accounts = traced('accounts', { register });

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
    async (request, reply) => {
      const pair = await accounts.register(request.ctx, request.body);
      return reply.code(201).send(pair);
    },
  );
};
