import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { type Database, statement } from '../database.ts';
import { type Item, items } from '../models/items.ts';
import { AppError } from '../utils/errors.ts';
import { DEFAULT_LIMIT, idFromCursor, LAST_ID, type Page, type PageRequest, toPage } from '../utils/pages.ts';

/** The caller's items, newest first; an administrator's list has everybody's. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  { limit = DEFAULT_LIMIT, cursor }: PageRequest,
): Promise<Page<Item>> {
  const newest = actor.user.role === 'admin' ? newestOfAll(ctx) : newestOfOwner(ctx);
  const before = cursor === undefined ? LAST_ID : idFromCursor(cursor);
  const rows = await newest.execute({ owner_id: actor.user.id, before, rows: limit + 1 });
  return toPage(rows, limit);
}

const newestOfOwner = statement(({ db }) =>
  newest(db, eq(items.owner_id, sql.placeholder('owner_id'))).prepare('items_of_owner'),
);
const newestOfAll = statement(({ db }) => newest(db).prepare('items_of_all'));

function newest(db: Database, whose?: SQL) {
  return db
    .select()
    .from(items)
    .where(and(whose, lt(items.id, sql.placeholder('before'))))
    .orderBy(desc(items.id))
    .limit(sql.placeholder('rows'));
}

export async function create(
  ctx: RequestContext,
  actor: Actor,
  input: { title: string; description?: string | null },
): Promise<Item> {
  const [item] = await ctx.db
    .insert(items)
    .values({ ...input, owner_id: actor.user.id })
    .returning();
  return found(item);
}

/** The item, or throws item_not_found: for somebody else's too, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Item> {
  const [item] = await ctx.db
    .select()
    .from(items)
    .where(and(eq(items.id, id), visibleTo(actor)));
  return found(item);
}

export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...changes }: { id: string; title?: string; description?: string | null },
): Promise<Item> {
  const [item] = await ctx.db
    .update(items)
    .set(changes)
    .where(and(eq(items.id, id), visibleTo(actor)))
    .returning();
  return found(item);
}

export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  const [item] = await ctx.db
    .delete(items)
    .where(and(eq(items.id, id), visibleTo(actor)))
    .returning({ id: items.id });
  found(item);
}

function visibleTo({ user }: Actor) {
  return user.role === 'admin' ? undefined : eq(items.owner_id, user.id);
}

function found<T>(item: T | undefined): T {
  if (item === undefined) throw new AppError('item_not_found');
  return item;
}
