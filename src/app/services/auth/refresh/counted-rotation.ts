import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Core } from '../../../core.ts';
import type { Database } from '../../../database.ts';
import { isAlive, lineageColumns, sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';
import { type CountedKey, type CountedUsage, countRows } from '../counted-rows.ts';
import { type Asked, IS_ACTIVE, MOVED, type Rotated } from './rotation.ts';
import { createShared } from './shared.ts';

/** Counts refreshes in PostgreSQL and moves the counters of the sessions whose refresh is admitted, in one statement. */
export interface CountedRotation {
  /** `moved` is not given either if the session's row is locked at the moment. */
  rotate: (asked: CountedAsked) => Promise<{ usages: CountedUsage[]; moved: Rotated | undefined }>;
}

export interface CountedAsked extends Asked {
  /** The smallest network first; at most three. */
  counters: readonly CountedKey[];
}

const MAX_COUNTERS = 3;

export function createCountedRotation({ db, config }: Pick<Core, 'db' | 'config'>): CountedRotation {
  const statements = new Map<number, ReturnType<typeof prepareCountedMove>>();
  const statementOf = (levels: number): ReturnType<typeof prepareCountedMove> => {
    const known = statements.get(levels) ?? prepareCountedMove(db, config, levels);
    statements.set(levels, known);
    return known;
  };
  const rotate = createShared(async (batch: readonly CountedAsked[]) => {
    const levels = Math.max(...batch.map(({ counters }) => counters.length));
    const rows = await statementOf(levels).execute(valuesOf(batch));
    const found = new Map(rows.map((row) => [row.n, row]));
    return batch.map((_, n) => {
      const { moved = null, usages = [] } = found.get(n + 1) ?? {};
      return { moved: moved ?? undefined, usages: usages.filter((usage) => usage !== null) };
    });
  });
  return { rotate };
}

function prepareCountedMove(db: Database, config: Config, levels: number) {
  const columns = ['ids', 'user_ids', 'counters', 'ips'].map((name) => sql.placeholder(name));
  const [ids, user_ids, counters, ips] = columns;
  const numbers = Array.from({ length: levels }, (_, index) => index + 1);
  const keys = numbers.flatMap((level) => [
    sql`${sql.placeholder(`keys_${level}`)}::text[]`,
    sql`${sql.placeholder(`limits_${level}`)}::integer[]`,
  ]);
  const names = numbers.map((level) => `key_${level}, limit_${level}`).join(', ');
  const asked = db.$with('asked', {}).as(sql`
    select * from unnest(${ids}::uuid[], ${user_ids}::uuid[], ${counters}::integer[], ${ips}::text[], ${sql.join(keys, sql`, `)})
      with ordinality as asked(id, user_id, counter, ip, ${sql.raw(names)}, n)`);
  const { ctes, counted, isAdmitted, usages } = countRows(
    db,
    levels,
    sql`${config.limit_refreshes_per_ip.window_seconds}`,
  );
  const isAsked = sql`asked.id = ${sessions.id} and asked.user_id = ${sessions.user_id} and asked.counter = ${sessions.counter}`;
  // Skips locked rows: it holds the counters of networks, which others wait for.
  const free = db.$with('free').as(
    db
      .select({
        id: sessions.id,
        n: sql<number>`asked.n`.as('n'),
        ip: sql<string>`asked.ip`.as('asked_ip'),
        role: users.role,
      })
      .from(sessions)
      .innerJoin(sql`${counted} as asked`, and(isAsked, isAdmitted))
      .innerJoin(users, IS_ACTIVE)
      .where(isAlive(config))
      .for('update', { of: sessions, skipLocked: true }),
  );
  const moved = db.$with('moved').as(
    db
      .update(sessions)
      .set({ ...MOVED, ip: sql`${free.ip}` })
      .from(free)
      .where(eq(sessions.id, free.id))
      .returning({ ...lineageColumns, role: free.role, n: free.n }),
  );
  const { n, id, user_id, counter, refreshed_at, expires_at, authenticated_at, amr, role } = moved;
  const rotated = { id, user_id, counter, refreshed_at, expires_at, authenticated_at, amr, role };
  return db
    .with(asked, ...ctes, free, moved)
    .select({ n: sql<number>`${counted}.n::integer`, usages, moved: rotated })
    .from(counted)
    .leftJoin(moved, sql`${n} = ${counted}.n`)
    .prepare();
}

function valuesOf(batch: readonly CountedAsked[]): Record<string, unknown> {
  const levels = Array.from({ length: MAX_COUNTERS }, (_, index) => index);
  return {
    ids: batch.map(({ session_id }) => session_id),
    user_ids: batch.map(({ user_id }) => user_id),
    counters: batch.map(({ counter }) => counter),
    ips: batch.map(({ ip }) => ip),
    ...Object.fromEntries(
      levels.flatMap((index) => [
        [`keys_${index + 1}`, batch.map(({ counters }) => counters[index]?.key ?? null)],
        [`limits_${index + 1}`, batch.map(({ counters }) => counters[index]?.limit ?? null)],
      ]),
    ),
  };
}
