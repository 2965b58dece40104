import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppError } from '../utils/errors.ts';

/**
 * Reads `multipart/form-data` of text fields, for the one route that takes a form. A file counts as null, which no schema of
 * a form takes; a field that comes twice is a list, as in the other kind of form.
 */
export const multipartFormPlugin = fastifyPlugin(async (app) => {
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: string | Buffer) => {
      // The type allows a string too; `parseAs` excludes it.
      const bytes = body as Buffer<ArrayBuffer>;
      if (!isUtf8(bytes)) throw new AppError('malformed_request', { detail: 'The body is not UTF-8' });
      const form = await readForm(bytes, request.headers['content-type'] ?? '');
      return Object.fromEntries([...new Set(form.keys())].map((name) => [name, textsOf(form.getAll(name))]));
    },
  );
});

async function readForm(bytes: Buffer<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData();
  } catch (cause) {
    throw new AppError('malformed_request', { detail: 'The body is not a multipart form', cause });
  }
}

function textsOf(values: readonly (string | File)[]): unknown {
  const texts = values.map((value) => (typeof value === 'string' ? value : null));
  return texts.length === 1 ? texts[0] : texts;
}
