import { eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { loginFailures } from '../../../models/auth/limits.ts';

/** After the failures in a row that an account may have, it gets one attempt in this time. */
const LOCK_SECONDS = 24 * 60 * 60;

/** The failed proofs of an account, a known device or a session since the last right one. */
export interface Failures {
  inARow: number;
  lastFailedAt: Date | null;
  /** The rest of the lock; 0 if there is none or one attempt is due. */
  waitSeconds: number;
}

/** Reads the failures of a key; `max` in a row lock it. */
export async function readFailures({ db }: Pick<Core, 'db'>, key: string | SQL, max: number): Promise<Failures> {
  const [row] = await db
    .select({
      inARow: loginFailures.in_a_row,
      lastFailedAt: loginFailures.failed_at,
      waitSeconds: sql<number>`case when ${loginFailures.in_a_row} < ${max}::integer then 0
        else greatest(0, ${LOCK_SECONDS}::float8 - extract(epoch from now() - ${loginFailures.failed_at}))::float8 end`,
    })
    .from(loginFailures)
    .where(eq(loginFailures.account_key, key));
  return row ?? { inARow: 0, lastFailedAt: null, waitSeconds: 0 };
}

/** Counts a failure of a key and returns the failures in a row. */
export async function noteFailure({ db }: Pick<Core, 'db'>, account_key: string): Promise<number> {
  const [row] = await db
    .insert(loginFailures)
    .values({ account_key, in_a_row: 1, failed_at: sql`now()` })
    .onConflictDoUpdate({
      target: loginFailures.account_key,
      set: { in_a_row: sql`${loginFailures.in_a_row} + 1`, failed_at: sql`now()` },
    })
    .returning({ in_a_row: loginFailures.in_a_row });
  return row?.in_a_row ?? 0;
}

/** Removes the failures of the keys; false if there were none. */
export async function forgetFailures({ db }: Pick<Core, 'db'>, keys: readonly string[]): Promise<boolean> {
  const { rowCount } = await db.delete(loginFailures).where(inArray(loginFailures.account_key, [...keys]));
  return (rowCount ?? 0) > 0;
}
