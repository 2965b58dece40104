import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { InvitationAcceptance } from '../../schemas/auth/invitations.ts';
import { SIGN_IN_ERRORS } from '../../schemas/auth/mfa.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import * as invitations from '../../services/auth/invitations.ts';

export const invitationAcceptanceRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        auth: 'public',
        errors: [
          'one_time_token_invalid',
          'account_disabled',
          ...SIGN_IN_ERRORS,
          'password_too_short',
          'password_too_long',
          'password_too_common',
          'password_breached',
        ],
      },
      schema: {
        operationId: 'acceptInvitation',
        tags: ['Accounts'],
        summary: 'Set the first password by the link of an invitation, and log in',
        body: InvitationAcceptance,
        response: { 200: TokenPair },
      },
    },
    async (request) => invitations.accept(request.ctx, request.body),
  );
};
