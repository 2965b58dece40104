import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';

/**
 * The service of a route that creates, changes or deletes a row of the product. Its input is what the route's schema has
 * validated: the body, the body with the id, or the id.
 */
export type RowService = (ctx: RequestContext, actor: Actor, input: never) => Promise<unknown>;

/** A change of a row, by the service that the API's own route has. */
interface RowChange<Input> {
  /** The path of the resource's list. */
  path: string;
  service: RowService;
  input: Input;
}

/**
 * Creates a row by the service of its resource and records who did it. With an owner the service runs as that user, so that the
 * rules and the quota of the owner hold. Throws user_not_found, conflict for a disabled account, and what the service throws.
 */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  { path, service, input, owner_id = actor.user.id }: RowChange<object> & { owner_id?: string | undefined },
): Promise<object> {
  return inTransaction(ctx, async (ctx) => {
    const user = owner_id === actor.user.id ? actor.user : await requireOwner(ctx, owner_id);
    const row = await run<{ id: string }>(ctx, { ...actor, user }, { service, input });
    await audit.record(ctx, { event: 'row.created', subject_id: user.id, details: { path, row_id: row.id } });
    return row;
  });
}

/** Changes a row by the service of its resource, and records who did it and which fields were sent. Throws what the service throws. */
export async function update(
  ctx: RequestContext,
  actor: Actor,
  { path, service, input }: RowChange<{ id: string }>,
): Promise<object> {
  const { id: row_id, ...given } = input;
  return inTransaction(ctx, async (ctx) => {
    const row = await run<{ owner_id?: string }>(ctx, actor, { service, input });
    const details = { path, row_id, fields: Object.keys(given) };
    await audit.record(ctx, { event: 'row.updated', subject_id: row.owner_id ?? null, details });
    return row;
  });
}

/** Deletes a row by the service of its resource, and records who did it. Throws what the service throws. */
export async function remove(
  ctx: RequestContext,
  actor: Actor,
  { path, service, input: id }: RowChange<string>,
): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    await run(ctx, actor, { service, input: id });
    await audit.record(ctx, { event: 'row.deleted', subject_id: null, details: { path, row_id: id } });
  });
}

async function run<Row>(
  ctx: RequestContext,
  actor: Actor,
  { service, input }: Pick<RowChange<unknown>, 'service' | 'input'>,
): Promise<Row> {
  // Validated by the schema of the service's own route, which answers with the row.
  return (await service(ctx, actor, input as never)) as Row;
}

/** The owner, who cannot be disabled, closed or deleted until the row is there. */
async function requireOwner({ db }: RequestContext, id: string): Promise<User> {
  const isMeant = and(eq(users.id, id), isOpen);
  const [owner] = await db.select(publicUserColumns).from(users).where(isMeant).for('no key update');
  if (owner === undefined) throw new AppError('user_not_found', { field: 'owner_id' });
  if (!owner.is_active)
    throw new AppError('conflict', {
      field: 'owner_id',
      detail: 'The account of the owner is disabled; enable it first',
    });
  return owner;
}
