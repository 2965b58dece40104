import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Registration } from '../../schemas/auth/registration.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import { Nothing } from '../../schemas/common.ts';
import * as registration from '../../services/auth/registration.ts';

export const registrationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        auth: 'public',
        errors: [
          'registration_closed',
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
        description:
          'With `EMAIL_VERIFICATION=required` the answer is 202 without tokens for every address; the mail says how it goes on.',
        body: Registration,
        response: { 201: TokenPair, 202: Nothing },
      },
    },
    async (request, reply) => {
      const pair = await registration.register(request.ctx, request.body);
      return pair === undefined ? reply.code(202).send(undefined) : reply.code(201).send(pair);
    },
  );
};
