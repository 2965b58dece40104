import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AuditEvent, AuditQuery } from '../../schemas/admin/audit-events.ts';
import { PageOf } from '../../schemas/common.ts';
import * as auditEvents from '../../services/admin/audit-events.ts';

export const auditEventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin' },
      schema: {
        operationId: 'listAuditEvents',
        tags: ['Administration'],
        summary: 'List audit events',
        querystring: AuditQuery,
        response: { 200: PageOf(AuditEvent) },
      },
    },
    async (request) => auditEvents.list(request.ctx, request.query),
  );
};
