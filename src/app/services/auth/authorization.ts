import type { Clock, RequestContext } from '../../context.ts';
import type { Role } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';

/** Remembers who was refused what, so that asking again and again does not fill the audit table. */
export interface Refusals {
  /** True for the first refusal of its kind in a minute. */
  isFirst: (key: string) => boolean;
}

const QUIET_MS = 60_000;
const MAX_REMEMBERED = 1000;

export function createRefusals(clock: Clock): Refusals {
  const last = new Map<string, number>();
  return {
    isFirst: (key) => {
      const now = clock.now().getTime();
      if (now - (last.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return false;
      last.delete(key);
      last.set(key, now);
      const [oldest] = last.keys();
      if (last.size > MAX_REMEMBERED && oldest !== undefined) last.delete(oldest);
      return true;
    },
  };
}

/** Throws forbidden where the caller has not the role, and writes the first refusal of a minute down; the request log has them all. */
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
