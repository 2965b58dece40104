import { and, desc, eq, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import { rateLimits } from '../../models/auth/limits.ts';
import { AppError } from '../../utils/errors.ts';
import { isId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';

/** A limit that refuses a client at present. */
export interface Hold {
  /** The limit's name. */
  limit: string;
  /** Whom it counts: a network, the id of an account, or a hash of an address. */
  counted: string;
  until: Date;
}

const MOST_HOLDS = 100;

/** The holds that last longest; `undefined` if the limits are counted in Redis, which lists nothing. */
export async function list({ db, config }: Pick<AppContext, 'db' | 'config'>): Promise<Hold[] | undefined> {
  if (config.redis_url !== undefined) return undefined;
  const rows = await db
    .select({ key: rateLimits.key, until: rateLimits.blocked_until })
    .from(rateLimits)
    .where(sql`${rateLimits.blocked_until} > now()`)
    .orderBy(desc(rateLimits.blocked_until))
    .limit(MOST_HOLDS);
  return rows.map(({ key, until }) => ({ ...partsOf(key), until }));
}

/** Ends a hold, so that the next attempt counts from zero, and records it. Throws conflict for one that is not there any more. */
export async function lift(ctx: RequestContext, { limit, counted }: Pick<Hold, 'limit' | 'counted'>): Promise<void> {
  const change = ctx.db
    .delete(rateLimits)
    .where(and(eq(rateLimits.key, `${limit}:${counted}`), sql`${rateLimits.blocked_until} > now()`))
    .returning({ key: rateLimits.key });
  const subject_id = isId(counted) ? counted : null;
  const lifted = await audit.recordChange(ctx, change, {
    ...{ event: 'limit.lifted', subject_id },
    details: { limit, counted },
  });
  if (lifted.length === 0) throw new AppError('conflict');
}

function partsOf(key: string): Pick<Hold, 'limit' | 'counted'> {
  const end = key.indexOf(':');
  return { limit: key.slice(0, end), counted: key.slice(end + 1) };
}
