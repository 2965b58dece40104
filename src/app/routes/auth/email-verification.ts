import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { findCaller } from '../../dependencies.ts';
import { Verification } from '../../schemas/auth/email-verification.ts';
import { AddressRequest } from '../../schemas/auth/one-time-tokens.ts';
import { User } from '../../schemas/auth/users.ts';
import { Nothing } from '../../schemas/common.ts';
import * as emailVerification from '../../services/auth/email-verification.ts';

export const emailVerificationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/request-verify-token',
    {
      config: { auth: 'public', errors: ['rate_limited'] },
      schema: {
        operationId: 'requestVerification',
        tags: ['Accounts'],
        summary: 'Have a link and a code mailed that verify the address',
        description: 'The answer is the same whether or not the address has an account.',
        body: AddressRequest,
        response: { 202: Nothing },
      },
    },
    async (request, reply) => {
      await emailVerification.request(request.ctx, request.body);
      return reply.code(202).send(undefined);
    },
  );

  app.post(
    '/verify',
    {
      config: { auth: 'public', errors: ['one_time_token_invalid', 'invalid_credentials', 'rate_limited'] },
      schema: {
        operationId: 'verifyEmail',
        tags: ['Accounts'],
        summary: 'Verify an address by a mailed link or code',
        description:
          'The first verification of an account drops the password and the sessions that were set before it, unless the request also carries the password or an access token of the account.',
        body: Verification,
        response: { 200: User },
      },
    },
    async (request) => emailVerification.verify(request.ctx, await findCaller(request), request.body),
  );
};
