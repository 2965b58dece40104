import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Refresh, TokenPair } from '../../schemas/auth/sessions.ts';
import * as sessions from '../../services/auth/sessions.ts';

export const refreshRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/refresh',
    {
      // A token has no character that JSON escapes.
      bodyLimit: 8192,
      config: {
        auth: 'public',
        errors: [
          'token_invalid',
          'token_expired',
          'session_ended',
          'refresh_token_reused',
          'account_disabled',
          'rate_limited',
        ],
      },
      schema: {
        tags: ['Sessions'],
        summary: 'Exchange a refresh token for the next pair',
        body: Refresh,
        response: { 200: TokenPair },
      },
    },
    async (request) => sessions.refresh(request.ctx, request.body.refresh_token),
  );

  app.post(
    '/logout',
    {
      config: { auth: 'user' },
      schema: { tags: ['Sessions'], summary: 'End this session', response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await sessions.endCurrent(request.ctx, request.actor);
      return reply.code(204).send(null);
    },
  );
};
