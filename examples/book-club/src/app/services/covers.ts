import { eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { COVER_TYPES, covers } from '../models/covers.ts';
import { AppError } from '../utils/errors.ts';
import { exactRow } from '../utils/exact.ts';
import * as books from './books.ts';
import { requireOrganiser } from './club-rules.ts';

type CoverType = (typeof COVER_TYPES)[number];

/** What the bytes of each type begin with: a picture is what it is, and not what its sender calls it. */
const SIGNATURES: Readonly<Record<CoverType, (head: string) => boolean>> = {
  'image/jpeg': (head) => head.startsWith('\xff\xd8\xff'),
  'image/png': (head) => head.startsWith('\x89PNG\r\n\x1a\n'),
  'image/webp': (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8),
};

/** Sets the picture of a book; throws book_not_found, unsupported_media_type, and forbidden for a reader. */
export async function set(
  ctx: RequestContext,
  actor: Actor,
  { book_id, bytes }: { book_id: string; bytes: unknown },
): Promise<void> {
  const { club_id } = await books.get(ctx, actor, book_id);
  await requireOrganiser(ctx, actor, club_id);
  if (!Buffer.isBuffer(bytes)) throw new AppError('unsupported_media_type');
  const head = bytes.toString('latin1', 0, 16);
  const type = COVER_TYPES.find((type) => SIGNATURES[type](head));
  if (type === undefined) throw new AppError('unsupported_media_type');
  const set = { type: sql`excluded.type`, bytes: sql`excluded.bytes` };
  await ctx.db
    .insert(covers)
    .values(exactRow(covers, { book_id, type, bytes }))
    .onConflictDoUpdate({ target: covers.book_id, set });
}

/** The picture of a book; throws book_not_found, cover_not_found. */
export async function get(
  ctx: RequestContext,
  actor: Actor,
  book_id: string,
): Promise<{ type: string; bytes: Buffer }> {
  await books.get(ctx, actor, book_id);
  const { type, bytes } = covers;
  const [cover] = await ctx.db.select({ type, bytes }).from(covers).where(eq(covers.book_id, book_id));
  if (cover === undefined) throw new AppError('cover_not_found');
  return cover;
}
