import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { EmailChange, EmailConfirmation, PendingEmailChange } from '../../schemas/auth/email-change.ts';
import { LinkProof } from '../../schemas/auth/secure-account.ts';
import { User } from '../../schemas/auth/users.ts';
import { Type } from '../../schemas/type.ts';
import * as emailChange from '../../services/auth/email-change.ts';

export const emailChangeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/me/email',
    {
      config: {
        auth: 'user',
        errors: ['invalid_credentials', 'reauthentication_required', 'conflict', 'rate_limited'],
      },
      schema: {
        operationId: 'requestEmailChange',
        tags: ['Accounts'],
        summary: 'Have a link and a code mailed to a new address of mine',
        description:
          'The address changes with the confirmation. A notice with a link that undoes it goes to the present address. The answer is the same if the new address is taken.',
        body: EmailChange,
        response: { 202: PendingEmailChange },
      },
    },
    async (request, reply) => reply.code(202).send(await emailChange.request(request.ctx, request.actor, request.body)),
  );

  app.post(
    '/confirm-email-change',
    {
      config: { auth: 'public', errors: ['one_time_token_invalid', 'email_taken'] },
      schema: {
        operationId: 'confirmEmailChange',
        tags: ['Accounts'],
        summary: 'Take the new address, by the mailed link or code',
        body: EmailConfirmation,
        response: { 200: User },
      },
    },
    async (request) => emailChange.confirm(request.ctx, request.body),
  );

  app.post(
    '/undo-email-change',
    {
      config: { auth: 'public', errors: ['one_time_token_invalid'] },
      schema: {
        operationId: 'undoEmailChange',
        tags: ['Accounts'],
        summary: 'Take the former address again and end every session, by the link of the notice',
        body: LinkProof,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await emailChange.undo(request.ctx, request.body);
      return reply.code(204).send(null);
    },
  );
};
