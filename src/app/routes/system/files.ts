import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams, Nothing, PageOf, PageQuery } from '../../schemas/common.ts';
import { AddressQuery, FileAddress, FileUpload, fileCreate, StoredFile } from '../../schemas/system/files.ts';
import { Type } from '../../schemas/type.ts';
import * as files from '../../services/system/files.ts';

/** What users upload. The content goes past this API: to the storage, by an address that is signed here. */
export const fileRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listFiles',
        tags: ['Files'],
        summary: 'List files',
        querystring: PageQuery,
        response: { 200: PageOf(StoredFile) },
      },
    },
    async (request) => files.list(request.ctx, request.actor, request.query),
  );

  app.post(
    '',
    {
      config: { auth: 'user', errors: ['file_type_refused', 'file_too_large', 'file_limit'] },
      schema: {
        operationId: 'createFile',
        tags: ['Files'],
        summary: 'Begin an upload',
        description:
          'Send the content by PUT to `upload.url`, with `upload.headers`, until `expires_at`; then complete it.',
        body: fileCreate(app.ctx.filePurposes),
        response: { 201: FileUpload },
      },
    },
    async (request, reply) => reply.code(201).send(await files.create(request.ctx, request.actor, request.body)),
  );

  app.post(
    '/:id/complete',
    {
      config: { auth: 'user', errors: ['file_not_found', 'upload_missing', 'upload_mismatch'] },
      schema: {
        operationId: 'completeFile',
        tags: ['Files'],
        summary: 'Complete an upload',
        description: 'The file is ready if the storage has a content of the declared size and type.',
        params: IdParams,
        response: { 200: StoredFile },
      },
    },
    async (request) => files.complete(request.ctx, request.actor, request.params.id),
  );

  app.get(
    '/:id',
    {
      config: { auth: 'user', errors: ['file_not_found'] },
      schema: {
        operationId: 'getFile',
        tags: ['Files'],
        summary: 'Go to the content of a file',
        description:
          'The address is good for five minutes. A script that shows a picture asks with `redirect=false` and puts `url` into the page.',
        params: IdParams,
        querystring: AddressQuery,
        response: { 200: FileAddress, 303: Nothing },
      },
    },
    async (request, reply) => {
      const url = await files.getAddress(request.ctx, request.actor, request.params.id);
      return request.query.redirect === false ? reply.send({ url }) : reply.redirect(url, 303);
    },
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', errors: ['file_not_found'] },
      schema: {
        operationId: 'deleteFile',
        tags: ['Files'],
        summary: 'Delete a file',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await files.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
