import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Alive, Healthy, Readiness, Unhealthy } from '../../schemas/system/health.ts';

/** A start waits for the first of these answers: no compiler is loaded for it, and there is nothing to leave out. */
const serializerCompiler = () => JSON.stringify;

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getHealth',
        tags: ['System'],
        summary: 'Does the database answer',
        response: { 200: Healthy, 503: Unhealthy },
      },
    },
    async (request, reply) => {
      const connected = (await request.ctx.health.database()) === 'connected';
      if (connected) return { status: 'healthy', database: 'connected', api: 'ok' } as const;
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ status: 'unhealthy', database: 'disconnected', api: 'ok' });
    },
  );

  app.get(
    '/live',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getLiveness',
        tags: ['System'],
        summary: 'Is the process alive',
        response: { 200: Alive },
      },
      serializerCompiler,
    },
    async () => ({ status: 'alive' }) as const,
  );

  app.get(
    '/ready',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getReadiness',
        tags: ['System'],
        summary: 'May traffic come',
        response: { 200: Readiness, 503: Readiness },
      },
      serializerCompiler,
    },
    async (request, reply) => {
      const { ready, ...state } = await request.ctx.health.readiness();
      if (!ready) reply.code(503).header('retry-after', '1');
      return { status: ready ? 'ready' : 'not_ready', ...state } as const;
    },
  );
};
