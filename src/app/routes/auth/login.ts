import formbody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { multipartFormPlugin } from '../../plugins/multipart-form.ts';
import { Login, TokenRequest } from '../../schemas/auth/login.ts';
import { SIGN_IN_ERRORS } from '../../schemas/auth/mfa.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import * as login from '../../services/auth/login.ts';

export const loginRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/login',
    {
      config: {
        auth: 'public',
        errors: ['invalid_credentials', 'account_disabled', ...SIGN_IN_ERRORS, 'rate_limited'],
      },
      schema: {
        operationId: 'login',
        tags: ['Accounts'],
        summary: 'Log in',
        body: Login,
        response: { 200: TokenPair },
      },
    },
    async (request) => login.start(request.ctx, request.body),
  );

  app.register(tokenRoutes);
};

/** The one route that reads a form (RFC 6749 §4.3.2), for OAuth2 clients and the Authorize button of /docs. */
const tokenRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.removeContentTypeParser('application/json');
  await app.register(formbody);
  await app.register(multipartFormPlugin);
  app.post(
    '/token',
    {
      // A token has no character that a form escapes.
      bodyLimit: 16_384,
      config: {
        auth: 'public',
        oauth: true,
        errors: [
          'invalid_credentials',
          'account_disabled',
          ...SIGN_IN_ERRORS,
          'token_invalid',
          'token_expired',
          'session_ended',
          'refresh_token_reused',
          'rate_limited',
        ],
      },
      schema: {
        operationId: 'requestToken',
        tags: ['Accounts'],
        summary: 'Log in or refresh by an OAuth2 form',
        consumes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
        body: TokenRequest,
        response: { 200: TokenPair },
      },
    },
    async (request) => login.grant(request.ctx, request.body),
  );
};
