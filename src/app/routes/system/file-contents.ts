import type { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdParams } from '../../schemas/common.ts';
import { DownloadProof, UploadProof } from '../../schemas/system/file-contents.ts';
import { Type } from '../../schemas/type.ts';
import * as fileContents from '../../services/system/file-contents.ts';

/** What of a content is in memory at once. */
const STREAM_BYTES = 64 * 1024;
/** Whatever a file has in it, nothing of it runs here; a page of another origin may draw a picture. */
const CONTENT_HEADERS = {
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'private, max-age=300',
};

/** What the addresses of a folder lead to. Their signature stands for the caller; with a bucket they lead there, and these routes do not exist. */
export const fileContentRoutes: FastifyPluginAsyncTypebox = async (app) => {
  // Any type, and never in memory.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  app.put(
    '/:id',
    {
      config: { auth: 'public' },
      bodyLimit: STREAM_BYTES,
      schema: { hide: true, params: IdParams, querystring: UploadProof, response: { 200: Type.Null() } },
    },
    async (request, reply) => {
      await fileContents.receive(request.ctx, { ...request.params, ...request.query }, incoming(request));
      return reply.send(null);
    },
  );

  app.get(
    '/:id',
    {
      config: { auth: 'public' },
      exposeHeadRoute: false,
      schema: { hide: true, params: IdParams, querystring: DownloadProof },
    },
    async (request, reply) =>
      send(reply, await fileContents.open(request.ctx, { ...request.params, ...request.query })),
  );
};

function incoming({ headers, body, raw }: FastifyRequest): fileContents.Incoming {
  const length = headers['content-length'];
  return {
    type: headers['content-type'],
    length: length === undefined ? undefined : Number(length),
    // The parser hands on the request's own stream; without a body there is none.
    content: (body as Readable | null | undefined) ?? raw,
  };
}

function send(reply: FastifyReply, { file, size, type, disposition }: fileContents.Outgoing): FastifyReply {
  return reply
    .headers({ ...CONTENT_HEADERS, 'content-length': size, 'content-disposition': disposition })
    .type(type)
    .send(file.createReadStream({ highWaterMark: STREAM_BYTES }));
}
