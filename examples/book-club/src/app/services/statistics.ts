import { count, isNull, sql } from 'drizzle-orm';
import type { RequestContext } from '../context.ts';
import { loans } from '../models/loans.ts';

/** How much is lent and how much of it is late, of all clubs. */
export async function get(ctx: RequestContext): Promise<{ lent: number; overdue: number }> {
  const overdue = sql<number>`count(*) filter (where ${loans.due_at} < now())`.mapWith(Number);
  const [row] = await ctx.db.select({ lent: count(), overdue }).from(loans).where(isNull(loans.returned_at));
  return row ?? { lent: 0, overdue: 0 };
}
