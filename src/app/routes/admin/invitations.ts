import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Invitation } from '../../schemas/admin/invitations.ts';
import { User } from '../../schemas/auth/users.ts';
import * as invitations from '../../services/admin/invitations.ts';

export const invitationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: { auth: 'admin', errors: ['email_taken'] },
      schema: {
        operationId: 'inviteUser',
        tags: ['Administration'],
        summary: 'Open an account and have its owner invited by mail',
        description:
          'The account has no password before the invitation is accepted. For an account whose invitation is open the answer is 200, the name and the role are changed if they are given, and the mail is sent again.',
        body: Invitation,
        response: { 200: User, 201: User },
      },
    },
    async (request, reply) => {
      const { user, isNew } = await invitations.invite(request.ctx, request.body);
      return reply.code(isNew ? 201 : 200).send(user);
    },
  );
};
