import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DevMailParams, DevMails, DevMailsQuery } from '../../schemas/system/dev-mails.ts';
import * as devMails from '../../services/system/dev-mails.ts';

/** Mails bring their own sheet and nothing else. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
  'content-type': 'text/html; charset=utf-8',
};

/** The mails that a development server without SMTP_URL keeps; elsewhere these routes do not exist. */
export const devMailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addHook('onRequest', async ({ ctx, headers }) => devMails.requireOwnHost(ctx, headers.host));

  app.get('/mails', { config: { auth: 'public' }, schema: { hide: true } }, async (request, reply) =>
    reply.headers(PAGE_HEADERS).send(devMails.getPage(request.ctx)),
  );

  app.get(
    '/mails/:id',
    { config: { auth: 'public' }, schema: { hide: true, params: DevMailParams } },
    async (request, reply) => reply.headers(PAGE_HEADERS).send(devMails.getHtml(request.ctx, request.params.id)),
  );

  app.get(
    '/mails.json',
    { config: { auth: 'public' }, schema: { hide: true, querystring: DevMailsQuery, response: { 200: DevMails } } },
    async (request) => ({ items: [...devMails.list(request.ctx, request.query)] }),
  );
};
