import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

interface MemoryFile {
  content: Buffer;
  etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
};
/** Requests with one of these go on to the sender of files, which knows ranges and conditions. */
const SPECIAL = ['range', 'if-match', 'if-unmodified-since', 'if-range'];

/**
 * A hook that answers a GET of one of these files from memory that all answers share: a file on disk costs each answer a
 * descriptor and buffers for as long as its client takes to read. Files are read on first use.
 */
export function serveFromMemory(
  files: Readonly<Record<string, string>>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const loaded = new Map<string, Promise<MemoryFile>>();
  return async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const folder = Object.hasOwn(files, path) ? files[path] : undefined;
    if (request.method !== 'GET' || folder === undefined || SPECIAL.some((name) => name in request.headers)) return;
    const file = loaded.get(path) ?? load(join(folder, path.slice(path.lastIndexOf('/') + 1)));
    loaded.set(path, file);
    const { content, etag } = await file;
    reply.headers({ etag, 'cache-control': 'public, max-age=0' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type(TYPES[extname(path)] ?? 'application/octet-stream').send(content);
  };
}

async function load(path: string): Promise<MemoryFile> {
  const content = await readFile(path);
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return { content, etag: `"${digest}"` };
}
