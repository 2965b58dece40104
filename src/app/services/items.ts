import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import type { Actor } from '../core.ts';
import { atOnce, inOrder } from '../database.ts';
import { isOfOpenAccount, users } from '../models/auth/users.ts';
import { type Item, items } from '../models/items.ts';
import { isOther } from '../utils/changes.ts';
import { AppError } from '../utils/errors.ts';
import { newId } from '../utils/ids.ts';
import { newestFirst, type Page, type PageRequest, paginate } from '../utils/pages.ts';

/** The caller's items, newest first; an administrator's list has the items of all users. */
export async function list(ctx: RequestContext, actor: Actor, request: PageRequest): Promise<Page<Item>> {
  const order = newestFirst(items.id);
  return paginate(ctx.db.select().from(items), request, { where: isVisibleTo(actor), order });
}

/** Creates an item that belongs to the caller; throws item_limit. */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  { title, description = null }: { title: string; description?: string | null },
): Promise<Item> {
  const owner_id = actor.user.id;
  const most = ctx.config.items_per_account;
  const owned = sql`select 1 from ${items} where ${eq(items.owner_id, owner_id)} limit ${most}`;
  // Sent at once: the owner's row is locked first, so that of two at once the second one counts the first.
  return atOnce(ctx, async (ctx) => {
    const [[owner], [item]] = await inOrder([
      ctx.db.select({ id: users.id }).from(users).where(eq(users.id, owner_id)).for('no key update'),
      ctx.db
        .insert(items)
        .select((query) =>
          query
            .select({
              id: sql`${newId()}::uuid`.as('id'),
              title: sql`${title}::text`.as('title'),
              description: sql`${description}::text`.as('description'),
              owner_id: users.id,
              created_at: sql`now()`.as('created_at'),
              updated_at: sql`now()`.as('updated_at'),
            })
            .from(users)
            .where(and(eq(users.id, owner_id), sql`(select count(*) from (${owned}) as owned) < ${most}`)),
        )
        .returning(),
    ]);
    if (owner === undefined) throw new AppError('session_ended');
    if (item === undefined) throw new AppError('item_limit');
    return item;
  });
}

/** The item, or throws item_not_found: also for another user's item, so that ids cannot be probed. */
export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<Item> {
  const [item] = await ctx.db
    .select()
    .from(items)
    .where(and(eq(items.id, id), isVisibleTo(actor)));
  return requireFound(item);
}

/** Changes the given fields, and writes nothing if they are stored already; throws item_not_found. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { id, ...given }: { id: string; title?: string; description?: string | null },
): Promise<Item> {
  const isMeant = and(eq(items.id, id), isVisibleTo(actor));
  // Sent at once; the item is read after its change.
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(items)
        .set(given)
        .where(and(isMeant, isOther<Item>(items, given)))
        .returning(),
      ctx.db.select().from(items).where(isMeant),
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
