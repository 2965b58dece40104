import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdentityLinking, IdentityPage, LinkAddress, ProviderIdParams } from '../../schemas/auth/identities.ts';
import { IdParams, PageQuery } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as identities from '../../services/auth/identities.ts';

export const identityRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listIdentities',
        tags: ['Social login'],
        summary: 'List the provider accounts that I can sign in with',
        querystring: PageQuery,
        response: { 200: IdentityPage },
      },
    },
    async (request) => identities.list(request.ctx, request.actor, request.query),
  );

  app.post(
    '/:id',
    {
      config: { auth: 'user', fresh: true, errors: ['provider_not_found'] },
      schema: {
        operationId: 'linkIdentity',
        tags: ['Social login'],
        summary: 'Begin to link an account of a provider to mine',
        // One name in both paths, as OpenAPI wants it.
        params: ProviderIdParams,
        body: IdentityLinking,
        response: { 200: LinkAddress },
      },
    },
    async (request) => identities.begin(request.ctx, request.actor, { provider: request.params.id, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', fresh: true, errors: ['identity_not_found', 'last_login_method'] },
      schema: {
        operationId: 'unlinkIdentity',
        tags: ['Social login'],
        summary: 'Unlink a provider account from mine',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await identities.remove(request.ctx, request.actor, request.params);
      return reply.code(204).send(null);
    },
  );
};
