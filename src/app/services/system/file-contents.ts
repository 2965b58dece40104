import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { files } from '../../models/system/files.ts';
import type { DownloadProof, UploadProof } from '../../schemas/system/file-contents.ts';
import { dispositionOf } from '../../utils/content-disposition.ts';
import { AppError } from '../../utils/errors.ts';
import type { Storage } from './storage.ts';

/** A content that comes, with what its request says of it. */
export interface Incoming {
  type: string | undefined;
  /** Absent if the request does not tell its length beforehand. */
  length: number | undefined;
  content: Readable;
}

/** A content that is sent; `file` is the receiver's to close. */
export interface Outgoing {
  file: FileHandle;
  size: number;
  type: string;
  disposition: string;
}

/**
 * Takes the content that a signed address is for. Throws forbidden, upload_mismatch, file_not_found for one that is deleted, conflict
 * if the file has a content already or others are on their way.
 */
export async function receive(
  ctx: RequestContext,
  { id, size, type, ...proof }: UploadProof & { id: string },
  { type: sentType, length, content }: Incoming,
): Promise<void> {
  const folder = folderOf(ctx);
  if (!folder.isGranted({ method: 'PUT', id, type, what: size }, proof)) throw refusal();
  if (sentType !== type || length !== size) throw new AppError('upload_mismatch');
  const found = await ctx.db.select({ id: files.id }).from(files).where(eq(files.id, id));
  if (found.length === 0) throw new AppError('file_not_found');
  if (!(await stored(folder.write(id, { size, type }, content)))) throw new AppError('conflict');
}

/** Opens the content that a signed address is for. Throws forbidden, file_not_found. */
export async function open(
  ctx: RequestContext,
  { id, name, type, ...proof }: DownloadProof & { id: string },
): Promise<Outgoing> {
  const folder = folderOf(ctx);
  if (!folder.isGranted({ method: 'GET', id, type, what: name }, proof)) throw refusal();
  const file = await stored(folder.open(id));
  if (file === undefined) throw new AppError('file_not_found');
  try {
    return { file, size: (await file.stat()).size, type, disposition: dispositionOf({ name, type }) };
  } catch (cause) {
    await file.close();
    throw new AppError('service_unavailable', { cause });
  }
}

function folderOf({ storage }: RequestContext): NonNullable<Storage['folder']> {
  if (storage?.folder === undefined) throw new AppError('route_not_found');
  return storage.folder;
}

function refusal(): AppError {
  return new AppError('forbidden', { detail: 'The address of the file is not valid, or no longer' });
}

/** A full or broken disk is no fault of the client; a client that goes away is none of ours. */
async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const isBrokenOff = cause instanceof Error && 'code' in cause && /^(ECONNRESET|ERR_STREAM_)/.test(`${cause.code}`);
    throw new AppError(isBrokenOff ? 'malformed_request' : 'service_unavailable', { cause });
  }
}
