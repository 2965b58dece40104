import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { sendRows } from '../../plugins/row-files.ts';
import { AuditEvent, AuditExportQuery, AuditQuery } from '../../schemas/admin/audit-events.ts';
import { PageOf } from '../../schemas/common.ts';
import { Exported } from '../../schemas/exports.ts';
import * as auditEvents from '../../services/admin/audit-events.ts';
import { batchesOf } from '../../utils/exports.ts';

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

  app.get(
    '/export',
    {
      config: { auth: 'admin' },
      schema: {
        operationId: 'exportAuditEvents',
        tags: ['Administration'],
        summary: 'Export audit events',
        querystring: AuditExportQuery,
        response: { 200: Exported },
      },
    },
    async ({ ctx, query: { format, ...filter } }, reply) =>
      sendRows(reply, {
        ...{ name: 'audit-events', format, columns: AuditEvent },
        batches: batchesOf((page) => auditEvents.list(ctx, { ...filter, ...page })),
      }),
  );
};
