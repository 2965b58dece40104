import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../utils/errors.ts';

interface MemoryFile {
  content: Buffer;
  etag: string;
  /** Milliseconds, in whole seconds as the header has them. */
  modified: number;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};
/**
 * A hook that answers a GET or a HEAD of one of these files from memory that all answers share: a file on disk costs each answer a
 * descriptor and buffers for as long as its client takes to read, a part of it too. Files are read on first use.
 */
export function serveFromMemory(
  files: Readonly<Record<string, string>>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const loaded = new Map<string, Promise<MemoryFile>>();
  return async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const folder = Object.hasOwn(files, path) ? files[path] : undefined;
    if ((request.method !== 'GET' && request.method !== 'HEAD') || folder === undefined) return;
    const file = loaded.get(path) ?? load(join(folder, path.slice(path.lastIndexOf('/') + 1)));
    loaded.set(path, file);
    return answer(request, reply.type(TYPES[extname(path)] ?? 'application/octet-stream'), await file);
  };
}

/** RFC 9110 §13.2.2 and §14.2: conditions first, then the range. */
function answer({ headers }: FastifyRequest, reply: FastifyReply, file: MemoryFile): FastifyReply {
  const { content, etag, modified } = file;
  if (isRefused(headers, file)) throw new AppError('precondition_failed');
  const isOfThis = headers['if-range'] === undefined || headers['if-range'] === etag;
  const range = isOfThis ? rangeOf(headers.range, content.length) : undefined;
  const isEmpty = range !== undefined && range.first > range.last;
  if (isEmpty && !isKnown(headers, file)) {
    reply.header('content-range', `bytes */${content.length}`);
    throw new AppError('range_not_satisfiable');
  }
  reply.headers({ etag, 'last-modified': new Date(modified).toUTCString() });
  reply.headers({ 'cache-control': 'public, max-age=0', 'accept-ranges': 'bytes' });
  if (isKnown(headers, file)) return reply.code(304).send();
  if (range === undefined) return reply.send(content);
  const { first, last } = range;
  reply.header('content-range', `bytes ${first}-${last}/${content.length}`);
  return reply.code(206).send(content.subarray(first, last + 1));
}

/** True if a condition of the client says that the file should be another one. */
function isRefused(headers: IncomingHttpHeaders, { etag, modified }: MemoryFile): boolean {
  if (headers['if-match'] !== undefined) return !names(headers['if-match'], etag);
  return modified > Date.parse(headers['if-unmodified-since'] ?? '');
}

/** True if the client has this file already. */
function isKnown(headers: IncomingHttpHeaders, { etag, modified }: MemoryFile): boolean {
  if (headers['if-none-match'] !== undefined) return names(headers['if-none-match'], etag);
  return modified <= Date.parse(headers['if-modified-since'] ?? '');
}

/** True if the list of a condition has the tag. */
function names(condition: string, etag: string): boolean {
  return condition.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}

/** The bytes of one range, empty if the file ends before it; `undefined` for anything else, which is ignored as a server may. */
function rangeOf(text: string | undefined, length: number): { first: number; last: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text ?? '') ?? [];
  if (from === '') return to === '' ? undefined : { first: Math.max(0, length - Number(to)), last: length - 1 };
  const last = to === '' ? length - 1 : Number(to);
  if (last < Number(from) && to !== '') return undefined;
  return { first: Number(from), last: Math.min(last, length - 1) };
}

async function load(path: string): Promise<MemoryFile> {
  const [content, { mtimeMs }] = await Promise.all([readFile(path), stat(path)]);
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return { content, etag: `"${digest}"`, modified: Math.floor(mtimeMs / 1000) * 1000 };
}
