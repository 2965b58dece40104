import type { RequestContext } from '../../context.ts';
import type { Role } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';

/** Throws forbidden if the caller lacks the role, and records the first refusal of a minute; the request log has them all. */
export async function requireRole(
  ctx: RequestContext,
  { role, operation }: { role: Role; operation: string },
): Promise<void> {
  const user = ctx.actor?.user;
  if (user?.role === role) return;
  if (user && ctx.refusals.isFirst(`${user.id} ${operation}`))
    await audit.record(ctx, { event: 'access.forbidden', subject_id: user.id, details: { operation } });
  throw new AppError('forbidden');
}
