import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Mail, MailQuery } from '../../schemas/admin/mails.ts';
import { IdParams, Nothing, PageOf } from '../../schemas/common.ts';
import * as mails from '../../services/admin/mails.ts';

export const mailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'admin' },
      schema: {
        operationId: 'listMails',
        tags: ['Administration'],
        summary: 'List mails, without their texts',
        description: 'Sent mails are listed for 30 days, dead ones until they are purged.',
        querystring: MailQuery,
        response: { 200: PageOf(Mail) },
      },
    },
    async (request) => mails.list(request.ctx, request.query),
  );

  app.post(
    '/:id/retry',
    {
      config: { auth: 'admin', errors: ['mail_not_found', 'conflict'] },
      schema: {
        operationId: 'retryMail',
        tags: ['Administration'],
        summary: 'Have a dead mail sent again',
        params: IdParams,
        response: { 202: Nothing },
      },
    },
    async (request, reply) => {
      await mails.retry(request.ctx, request.params.id);
      return reply.code(202).send(undefined);
    },
  );
};
