import { and, eq, type SQL } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { atOnce, inOrder } from '../database.ts';
import { isOfOpenAccount } from '../models/auth/users.ts';
import { items } from '../models/items.ts';
import { Item, type ItemCreate, type ItemUpdate } from '../schemas/items.ts';
import { isOther } from '../utils/changes.ts';
import { columnsOf } from '../utils/columns.ts';
import { AppError } from '../utils/errors.ts';
import { exact, exactRow } from '../utils/exact.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';
import { insertOwned } from './auth/quota.ts';

const columns = columnsOf(items, Item);

/** The caller's items, newest first; an administrator's list has the items of all users. */
export async function list(ctx: RequestContext, actor: Actor, request: PageRequest): Promise<Page<Item>> {
  const order = newestFirst(items.id);
  return paginate(ctx.db.select(columns).from(items), request, { where: isVisibleTo(actor), order });
}

/** Creates an item that belongs to the caller; throws item_limit. */
export async function create(ctx: RequestContext, actor: Actor, input: ItemCreate): Promise<Item> {
  const row = exactRow(items, { ...input, owner_id: actor.user.id });
  const item = await insertOwned<Item>(ctx, items, { row, columns, most: ctx.config.items_per_account });
  if (item === undefined) throw new AppError('item_limit');
  return item;
}

/** The item, or throws item_not_found: also for another user's item, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Item> {
  const [item] = await ctx.db
    .select(columns)
    .from(items)
    .where(and(eq(items.id, id), isVisibleTo(actor)));
  return requireFound(item);
}

/** Changes the given fields, and writes nothing if they are stored already; throws item_not_found. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...given }: ItemUpdate & { id: string },
): Promise<Item> {
  const isMeant = and(eq(items.id, id), isVisibleTo(actor));
  // Sent at once; the item is read after its change.
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(items)
        .set(exact(items, given))
        .where(and(isMeant, isOther<ItemUpdate>(items, given)))
        .returning(columns),
      ctx.db.select(columns).from(items).where(isMeant),
    ]),
  );
  return requireFound(changed ?? stored);
}

/** Deletes the item; throws item_not_found. */
export async function remove(ctx: RequestContext, actor: Actor, id: string): Promise<void> {
  const [item] = await ctx.db
    .delete(items)
    .where(and(eq(items.id, id), isVisibleTo(actor)))
    .returning({ id: items.id });
  requireFound(item);
}

/** The one rule of who sees what: users see their own items, administrators see all. */
function isVisibleTo({ user }: Actor): SQL {
  return user.role === 'admin' ? isOfOpenAccount(items.owner_id) : eq(items.owner_id, user.id);
}

function requireFound<T>(item: T | undefined): T {
  if (item === undefined) throw new AppError('item_not_found');
  return item;
}
