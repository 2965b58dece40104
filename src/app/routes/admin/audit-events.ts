import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { traced } from '../../observability/trace.ts';
import { AuditEvent, AuditQuery } from '../../schemas/admin/audit-events.ts';
import { PageOf } from '../../schemas/common.ts';
import { list } from '../../services/admin/audit-events.ts';

const audit = traced('audit', { list });

export const auditEventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin' },
      schema: {
        tags: ['Administration'],
        summary: 'List audit events',
        querystring: AuditQuery,
        response: { 200: PageOf(AuditEvent) },
      },
    },
    async (request) => audit.list(request.ctx, request.query),
  );
};
