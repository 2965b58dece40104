import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  ActivatedFactor,
  EnrolledFactor,
  FactorActivation,
  FactorCreate,
  FactorList,
} from '../../schemas/auth/factors.ts';
import { IdParams } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as factorActivation from '../../services/auth/factor-activation.ts';
import * as factors from '../../services/auth/factors.ts';

export const factorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user', enrollment: true },
      schema: {
        operationId: 'listFactors',
        tags: ['Second factors'],
        summary: 'List my second factors',
        response: { 200: FactorList },
      },
    },
    async (request) => factors.list(request.ctx, request.actor),
  );

  app.post(
    '',
    {
      config: { auth: 'user', fresh: true, enrollment: true, errors: ['email_unverified', 'factor_limit'] },
      schema: {
        operationId: 'enrolFactor',
        tags: ['Second factors'],
        summary: 'Begin to add an authenticator app',
        body: FactorCreate,
        response: { 201: EnrolledFactor },
      },
    },
    async (request, reply) => reply.code(201).send(await factors.enrol(request.ctx, request.actor, request.body)),
  );

  app.post(
    '/:id/activate',
    {
      config: { auth: 'user', enrollment: true, errors: ['factor_not_found', 'invalid_credentials', 'rate_limited'] },
      schema: {
        operationId: 'activateFactor',
        tags: ['Second factors'],
        summary: 'Activate an authenticator app by its first code',
        params: IdParams,
        body: FactorActivation,
        response: { 200: ActivatedFactor },
      },
    },
    async (request) => factorActivation.activate(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', fresh: true, errors: ['factor_not_found'] },
      schema: {
        operationId: 'removeFactor',
        tags: ['Second factors'],
        summary: 'Remove one of my authenticator apps',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await factors.remove(request.ctx, request.actor, request.params);
      return reply.code(204).send(null);
    },
  );
};
