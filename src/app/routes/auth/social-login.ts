import formbody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyContextConfig } from 'fastify';
import { SIGN_IN_ERRORS } from '../../schemas/auth/mfa.ts';
import {
  CodeExchange,
  IdTokenSignIn,
  PostedProviderAnswer,
  ProviderAnswer,
  ProviderList,
  ProviderParams,
  SignInStart,
} from '../../schemas/auth/social-login.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import { Nothing } from '../../schemas/common.ts';
import * as socialLogin from '../../services/auth/social-login.ts';

/** A person whose browser a provider sends here is told a refusal by a page, if there are pages. */
const refusedNavigation: NonNullable<FastifyContextConfig['refusalPage']> = (request, error, fields) => {
  const isNavigation = request.headers.accept?.includes('text/html') ?? false;
  return isNavigation ? request.server.refusedNavigation?.(request, error, fields) : undefined;
};

/** Each makes this API ask a provider. */
const ASKING = '300/1m';

export const socialLoginRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/providers',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'listProviders',
        tags: ['Social login'],
        summary: 'List the providers that people can sign in with',
        response: { 200: ProviderList },
      },
    },
    async (request) => socialLogin.list(request.ctx),
  );

  app.get(
    '/:provider/start',
    {
      config: {
        auth: 'public',
        errors: ['provider_not_found', 'one_time_token_invalid', 'cross_site_request'],
      },
      schema: {
        operationId: 'startSocialLogin',
        tags: ['Social login'],
        summary: 'Send the browser to a provider',
        description:
          'Open it in a browser, not by a request of a script. The browser comes back to `redirect_to` with `?code=`, good once and for 60 seconds, or with `?error=`.',
        params: ProviderParams,
        querystring: SignInStart,
        response: { 303: Nothing },
      },
    },
    async (request, reply) => {
      if (request.query.link !== undefined) request.requireOwnPage();
      const { location, flow } = await socialLogin.start(request.ctx, { ...request.params, ...request.query });
      return reply.keepFlow(flow).redirect(location, 303);
    },
  );

  app.get(
    '/:provider/callback',
    {
      config: {
        auth: 'public',
        limit: ASKING,
        errors: ['provider_not_found', 'oauth_state_invalid'],
        refusalPage: refusedNavigation,
      },
      schema: {
        operationId: 'finishSocialLogin',
        tags: ['Social login'],
        summary: 'Take the browser back from a provider',
        params: ProviderParams,
        querystring: ProviderAnswer,
        response: { 303: Nothing },
      },
    },
    async (request, reply) => {
      const { params, query, ctx } = request;
      const { location, flow } = await socialLogin.callback(ctx, { ...params, query, flows: request.flows() });
      return reply.dropFlow(flow).redirect(location, 303);
    },
  );

  app.register(postedCallback);

  app.post(
    '/exchange',
    {
      config: {
        auth: 'public',
        errors: ['one_time_token_invalid', 'account_disabled', 'email_unverified', ...SIGN_IN_ERRORS],
      },
      schema: {
        operationId: 'exchangeCode',
        tags: ['Social login'],
        summary: 'Exchange the code of a sign-in for tokens',
        description: 'A wrong `code_verifier` spends the code.',
        body: CodeExchange,
        response: { 200: TokenPair },
      },
    },
    async (request) => socialLogin.exchange(request.ctx, request.body),
  );

  app.post(
    '/:provider/id-token',
    {
      config: {
        auth: 'public',
        limit: ASKING,
        errors: [
          ...(['provider_not_found', 'one_time_token_invalid', 'account_disabled', 'email_unverified'] as const),
          ...(['identity_confirmation_required', 'registration_closed', 'email_missing'] as const),
          ...SIGN_IN_ERRORS,
        ],
      },
      schema: {
        operationId: 'signInByIdToken',
        tags: ['Social login'],
        summary: 'Sign in by an id token that a native app got from a provider',
        params: ProviderParams,
        body: IdTokenSignIn,
        response: { 200: TokenPair },
      },
    },
    async (request) => socialLogin.signInByIdToken(request.ctx, { ...request.params, ...request.body }),
  );
};

/** Apple posts its answer from its own site, without our cookie: the browser is sent to the same path, which it brings the cookie to. */
const postedCallback: FastifyPluginAsyncTypebox = async (app) => {
  app.removeContentTypeParser('application/json');
  await app.register(formbody);
  app.post(
    '/:provider/callback',
    {
      bodyLimit: 32_768,
      config: { auth: 'public', errors: ['provider_not_found'], refusalPage: refusedNavigation },
      schema: {
        operationId: 'finishPostedSocialLogin',
        tags: ['Social login'],
        summary: 'Take the posted answer of a provider',
        consumes: ['application/x-www-form-urlencoded'],
        params: ProviderParams,
        body: PostedProviderAnswer,
        response: { 303: Nothing },
      },
    },
    async (request, reply) => {
      const { params, body, ctx } = request;
      return reply.redirect(socialLogin.callbackAddress(ctx, { ...params, query: body }), 303);
    },
  );
};
