import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Core } from '../../../core.ts';
import type { Database } from '../../../database.ts';
import { isAlive, lineageColumns, sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';
import { type Counted, type CountedKey, type CountedUsage, countRow, countRows, numbersTo } from '../counted-rows.ts';
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

export function createCountedRotation({ db, config }: Pick<Core, 'db' | 'config'>): CountedRotation {
  const move = onceEach((levels) => prepareMove(db, config, levels));
  const moveOne = onceEach((levels) => prepareMoveOne(db, config, levels));
  const rotate = createShared(async (batch: readonly CountedAsked[]) => {
    const levels = Math.max(...batch.map(({ counters }) => counters.length));
    const [only] = batch.length === 1 ? batch : [];
    const rows = await (only === undefined
      ? move(levels).execute(listsOf(batch, levels))
      : moveOne(levels).execute(valuesOf(only)));
    const found = new Map(rows.map((row) => [row.n, row]));
    return batch.map((_, n) => {
      const { moved = null, usages = [] } = found.get(n + 1) ?? {};
      return { moved: moved ?? undefined, usages: usages.filter((usage) => usage !== null) };
    });
  });
  return { rotate };
}

/** Of any number of refreshes, whose values come as lists. */
function prepareMove(db: Database, config: Config, levels: number) {
  const lists = columnsOf(levels).map(({ name, type }) => sql`${sql.placeholder(name)}::${type}[]`);
  const names = columnsOf(levels).map(({ name }) => sql.raw(name));
  const asked = sql`
    select * from unnest(${sql.join(lists, sql`, `)}) with ordinality as asked(${sql.join(names, sql`, `)}, n)`;
  return prepareCounted(db, config, { asked, counting: countRows(db, levels, windowOf(config)) });
}

/** Of one refresh. */
function prepareMoveOne(db: Database, config: Config, levels: number) {
  const values = columnsOf(levels).map(({ name, type }) => sql`${sql.placeholder(name)}::${type} as ${sql.raw(name)}`);
  const asked = sql`select ${sql.join(values, sql`, `)}, 1 as n`;
  return prepareCounted(db, config, { asked, counting: countRow(db, levels, windowOf(config)) });
}

function prepareCounted(db: Database, config: Config, { asked, counting }: { asked: SQL; counting: Counted }) {
  const { ctes, counted, isAdmitted, usages } = counting;
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
    .with(db.$with('asked', {}).as(asked), ...ctes, free, moved)
    .select({ n: sql<number>`counted.n::integer`, usages, moved: rotated })
    .from(sql`${counted} as counted`)
    .leftJoin(moved, sql`${n} = counted.n`)
    .prepare();
}

function windowOf({ limit_refreshes_per_ip }: Config): SQL {
  return sql`${limit_refreshes_per_ip.window_seconds}`;
}

/** What a statement knows of a refresh. */
function columnsOf(levels: number): { name: string; type: SQL }[] {
  const [uuid, integer, text] = [sql.raw('uuid'), sql.raw('integer'), sql.raw('text')];
  return [
    { name: 'id', type: uuid },
    { name: 'user_id', type: uuid },
    { name: 'counter', type: integer },
    { name: 'ip', type: text },
    ...numbersTo(levels).flatMap((level) => [
      { name: `key_${level}`, type: text },
      { name: `limit_${level}`, type: integer },
    ]),
  ];
}

function valuesOf({ session_id, user_id, counter, ip, counters }: CountedAsked): Record<string, string | number> {
  const values: Record<string, string | number> = { id: session_id, user_id, counter, ip };
  for (const [index, { key, limit }] of counters.entries()) {
    values[`key_${index + 1}`] = key;
    values[`limit_${index + 1}`] = limit;
  }
  return values;
}

function listsOf(batch: readonly CountedAsked[], levels: number): Record<string, (string | number | null)[]> {
  const values = batch.map(valuesOf);
  return Object.fromEntries(columnsOf(levels).map(({ name }) => [name, values.map((of) => of[name] ?? null)]));
}

function onceEach<T>(make: (number: number) => T): (number: number) => T {
  const made = new Map<number, T>();
  return (number) => {
    const known = made.get(number) ?? make(number);
    made.set(number, known);
    return known;
  };
}
