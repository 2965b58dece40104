import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Registration } from '../../schemas/auth/registration.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import * as registration from '../../services/auth/registration.ts';

export const registrationRoutes: FastifyPluginAsyncTypebox = async (app) => {
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
      schema: {
        operationId: 'register',
        tags: ['Accounts'],
        summary: 'Open an account',
        body: Registration,
        response: { 201: TokenPair },
      },
    },
    async (request, reply) => reply.code(201).send(await registration.register(request.ctx, request.body)),
  );
};
