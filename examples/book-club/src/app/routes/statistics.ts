import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Statistics } from '../schemas/statistics.ts';
import * as statistics from '../services/statistics.ts';

/** What administrators know of all clubs. */
export const statisticsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/statistics',
    {
      config: { auth: 'admin' },
      schema: {
        operationId: 'getStatistics',
        tags: ['Loans'],
        summary: 'Count the loans of all clubs',
        response: { 200: Statistics },
      },
    },
    async (request) => statistics.get(request.ctx),
  );
};
