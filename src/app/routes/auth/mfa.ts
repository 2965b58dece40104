import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SecondFactor } from '../../schemas/auth/mfa.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import * as mfa from '../../services/auth/mfa.ts';

export const mfaRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        auth: 'public',
        errors: ['invalid_credentials', 'mfa_token_invalid', 'account_disabled', 'rate_limited'],
      },
      schema: {
        operationId: 'signInByFactor',
        tags: ['Second factors'],
        summary: 'Finish a sign-in by its second factor',
        body: SecondFactor,
        response: { 200: TokenPair },
      },
    },
    async (request) => mfa.signIn(request.ctx, request.body),
  );
};
