import { and, eq, type SQL } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { isOfOpenAccount } from '../../models/auth/users.ts';
import { files } from '../../models/system/files.ts';
import { type FileCreate, type FileUpload, StoredFile } from '../../schemas/system/files.ts';
import { columnsOf } from '../../utils/columns.ts';
import { AppError } from '../../utils/errors.ts';
import { exact, exactRow } from '../../utils/exact.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../../utils/pages.ts';
import * as limits from '../auth/limits.ts';
import { insertOwned } from '../auth/quota.ts';
import type { Storage } from './storage.ts';

const columns = columnsOf(files, StoredFile);

const UPLOAD_SECONDS = 900;
const DOWNLOAD_SECONDS = 300;

/** The caller's files, newest first; an administrator's list has the files of all users. */
export async function list(ctx: RequestContext, actor: Actor, request: PageRequest): Promise<Page<StoredFile>> {
  const order = newestFirst(files.id);
  return paginate(ctx.db.select(columns).from(files), request, { where: isVisibleTo(actor), order });
}

/**
 * Begins an upload: writes down what will come and gives the address that takes it, for a quarter of an hour. Throws
 * file_type_refused, file_too_large, file_limit, rate_limited.
 */
export async function create(ctx: RequestContext, actor: Actor, input: FileCreate): Promise<FileUpload> {
  const { per_account: most } = requireAllowed(ctx, input);
  const row = exactRow(files, { ...input, owner_id: actor.user.id });
  await limits.countUpload(ctx, actor, { purpose: input.purpose, per_account: most });
  const among = eq(files.purpose, input.purpose);
  const file = await insertOwned<StoredFile>(ctx, files, { row, columns, most, among });
  if (file === undefined) throw new AppError('file_limit');
  const upload = await storageOf(ctx).uploadTo(file, UPLOAD_SECONDS);
  return { id: file.id, upload, expires_at: new Date(ctx.clock.now().getTime() + UPLOAD_SECONDS * 1000) };
}

/**
 * Makes the file ready if the storage has it as it was declared. Throws file_not_found, upload_missing, upload_mismatch, and
 * service_unavailable if the storage does not answer. A file that is ready stays so.
 */
export async function complete(ctx: RequestContext, actor: Actor, id: string): Promise<StoredFile> {
  const isMeant = and(eq(files.id, id), isVisibleTo(actor));
  const file = await getOne(ctx, isMeant);
  if (file.state === 'ready') return file;
  const stored = await askStorage(storageOf(ctx).find(id));
  if (stored === undefined) throw new AppError('upload_missing');
  if (stored.size !== file.size || stored.type !== file.type) throw new AppError('upload_mismatch');
  // Of several at once one changes the row, and a file that was deleted meanwhile stays so.
  const [completed] = await ctx.db
    .update(files)
    .set(exact(files, { state: 'ready' }))
    .where(and(isMeant, eq(files.state, 'pending')))
    .returning(columns);
  return completed ?? getOne(ctx, isMeant);
}

/**
 * A file that is ready and that the caller sees; throws file_not_found. Generated services with a reference call it.
 * @public
 */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<StoredFile> {
  return getOne(ctx, and(isReady(id), isVisibleTo(actor)));
}

/** The address of the content of such a file, for five minutes; throws file_not_found. */
export async function getAddress(ctx: RequestContext, actor: Actor, id: string): Promise<string> {
  return sign(ctx, await get(ctx, actor, id));
}

/**
 * The address of the content of any file, for five minutes: call it once your own rule has said that the caller sees what refers
 * to it. Throws file_not_found.
 * @public
 */
export async function getSharedAddress(ctx: RequestContext, id: string): Promise<string> {
  return sign(ctx, await getOne(ctx, isReady(id)));
}

/**
 * The caller's own file of a purpose, once it is ready: call it before a row of yours refers to the file. Throws file_not_found.
 * `await requireOwn(ctx, actor, { id: input.cover_id, purpose: 'cover' })`
 * @public
 */
export async function requireOwn(
  ctx: RequestContext,
  { user }: Actor,
  { id, purpose }: { id: string; purpose: string },
): Promise<StoredFile> {
  return getOne(ctx, and(isReady(id), eq(files.owner_id, user.id), eq(files.purpose, purpose)));
}

/** Deletes the file; its content leaves the storage with the next cleanup. Throws file_not_found. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  const [file] = await ctx.db
    .delete(files)
    .where(and(eq(files.id, id), isVisibleTo(actor)))
    .returning({ id: files.id });
  if (file === undefined) throw new AppError('file_not_found');
}

/** Users see their own files, administrators see all. */
function isVisibleTo({ user }: Actor): SQL {
  return user.role === 'admin' ? isOfOpenAccount(files.owner_id) : eq(files.owner_id, user.id);
}

function isReady(id: string): SQL | undefined {
  return and(eq(files.id, id), eq(files.state, 'ready'));
}

async function getOne(ctx: RequestContext, where: SQL | undefined): Promise<StoredFile> {
  const [file] = await ctx.db.select(columns).from(files).where(where);
  if (file === undefined) throw new AppError('file_not_found');
  return file;
}

/** The purpose of what is to come, which says how much of it there may be. */
function requireAllowed(
  { filePurposes }: RequestContext,
  { purpose, type, size }: FileCreate,
): { per_account: number } {
  const allowed = Object.hasOwn(filePurposes, purpose) ? filePurposes[purpose] : undefined;
  if (allowed === undefined) throw new Error(`productFiles has no purpose "${purpose}"`);
  if (!allowed.types.includes(type))
    throw new AppError('file_type_refused', {
      field: 'type',
      detail: `The file must be one of ${allowed.types.join(', ')}`,
    });
  if (size > allowed.max_bytes)
    throw new AppError('file_too_large', {
      field: 'size',
      detail: `The file may have ${allowed.max_bytes} bytes`,
    });
  return allowed;
}

function sign(ctx: RequestContext, file: StoredFile): Promise<string> {
  return storageOf(ctx).downloadFrom(file, DOWNLOAD_SECONDS);
}

/** Routes of files exist with a storage alone. */
function storageOf({ storage }: RequestContext): Storage {
  if (storage === undefined) throw new AppError('route_not_found');
  return storage;
}

async function askStorage<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const detail = 'The storage of files does not answer; try again shortly';
    throw new AppError('service_unavailable', { detail, retry_after: 5, cause });
  }
}
