import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { LinkProof } from '../../schemas/auth/secure-account.ts';
import { Type } from '../../schemas/type.ts';
import * as secureAccount from '../../services/auth/secure-account.ts';

export const secureAccountRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: { auth: 'public', errors: ['one_time_token_invalid'] },
      schema: {
        operationId: 'secureAccount',
        tags: ['Accounts'],
        summary: 'End every session and drop the password, by the link of a notice',
        body: LinkProof,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await secureAccount.secure(request.ctx, request.body);
      return reply.code(204).send(null);
    },
  );
};
