import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, publicUserColumns, type User, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';

/** The service of a route that creates a row of its caller. Its input is what the route's schema has validated. */
export type RowService = (ctx: RequestContext, actor: Actor, input: never) => Promise<{ id: string }>;

interface OwnedRow {
  owner_id: string;
  /** The path of the resource's list. */
  path: string;
  creates: RowService;
  row: object;
}

/**
 * Creates a row of another user by the service of its resource, so that the rules and the quota of that user hold, and records
 * who did it. Throws user_not_found, conflict for a disabled account, and what the service throws.
 */
export async function create(
  ctx: RequestContext,
  actor: Actor,
  { owner_id, path, creates, row }: OwnedRow,
): Promise<{ id: string }> {
  return inTransaction(ctx, async (ctx) => {
    const user = await requireOwner(ctx, owner_id);
    // Validated by the schema of the service's own route.
    const made = await creates(ctx, { ...actor, user }, row as never);
    await audit.record(ctx, { event: 'row.created', subject_id: user.id, details: { path, row_id: made.id } });
    return made;
  });
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
