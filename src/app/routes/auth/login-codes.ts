import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { emailLogin, findCaller } from '../../dependencies.ts';
import { LoginCode } from '../../schemas/auth/login-codes.ts';
import { SIGN_IN_ERRORS } from '../../schemas/auth/mfa.ts';
import { AddressRequest } from '../../schemas/auth/one-time-tokens.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import { Nothing } from '../../schemas/common.ts';
import * as loginCodes from '../../services/auth/login-codes.ts';

export const loginCodeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addHook('onRequest', emailLogin);

  app.post(
    '',
    {
      config: { auth: 'public', errors: ['route_not_found', 'rate_limited'] },
      schema: {
        operationId: 'requestLoginCode',
        tags: ['Accounts'],
        summary: 'Have a link and a code mailed that log in',
        description:
          'The answer is the same whether or not the address has an account; none is made. Without `EMAIL_LOGIN=true` it is 404.',
        body: AddressRequest,
        response: { 202: Nothing },
      },
    },
    async (request, reply) => {
      await loginCodes.request(request.ctx, request.body);
      return reply.code(202).send(undefined);
    },
  );

  app.post(
    '/verify',
    {
      config: {
        auth: 'public',
        errors: ['route_not_found', 'one_time_token_invalid', 'account_disabled', ...SIGN_IN_ERRORS],
      },
      schema: {
        operationId: 'loginByCode',
        tags: ['Accounts'],
        summary: 'Log in by a mailed link or code',
        description:
          'The first proof of the mailbox drops the password and the sessions that were set before it, unless the request carries an access token of the account. Without `EMAIL_LOGIN=true` the answer is 404.',
        body: LoginCode,
        response: { 200: TokenPair },
      },
    },
    async (request) => loginCodes.login(request.ctx, await findCaller(request), request.body),
  );
};
