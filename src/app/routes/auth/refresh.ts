import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Refresh } from '../../schemas/auth/refresh.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import * as refresh from '../../services/auth/refresh.ts';

export const refreshRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      // A token has no character that JSON escapes.
      bodyLimit: 16_384,
      config: {
        auth: 'public',
        sessionCookie: true,
        errors: [
          'token_invalid',
          'token_expired',
          'session_ended',
          'refresh_token_reused',
          'account_disabled',
          'cross_site_request',
          'rate_limited',
        ],
      },
      schema: {
        operationId: 'refresh',
        tags: ['Sessions'],
        summary: 'Exchange a refresh token for the next pair',
        description: 'Without a body the refresh token of the cookie is exchanged; see `X-Session`.',
        body: Refresh,
        response: { 200: TokenPair },
      },
    },
    async (request) => refresh.next(request.ctx, request.body.refresh_token),
  );
};
