import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database.ts';
import { rateLimits } from '../../models/auth/limits.ts';

/** A counter of an event, with the number of events that it admits. */
export interface CountedKey {
  key: string;
  limit: number;
}

/** What an event found at one of its counters, itself included. */
export interface CountedUsage {
  used: number;
  resetsInSeconds: number;
}

/** The parts of a statement that count the rows of `asked`. */
export interface Counted {
  ctes: ReturnType<typeof named>[];
  /** The relation of the counted rows: those of `asked`, with what they found. */
  counted: SQL;
  isAdmitted: SQL;
  /** Of each level; null where a smaller one refused the event, or where the event has none. */
  usages: SQL<(CountedUsage | null)[]>;
}

/** Past for every transaction: now() of a transaction that began a moment earlier is before our now(). */
const NEVER = sql`to_timestamp(0)`;
const RESETS = sql`extract(epoch from expires_at - now())::float8`;

/**
 * Counts the rows of `asked` in the statement that serves them, so that counting crosses to the database with the work. Each
 * row has `n`, its place, and per level `key_…` and `limit_…`: a level counts what the levels before it admit, in the order of the
 * places. Keys are locked level by level and in their order, so that no two statements wait for each other.
 */
export function countRows(db: Database, levels: number, window_seconds: SQL): Counted {
  const ctes = numbersTo(levels).flatMap((level) => [
    named(db, `counted_${level}`, countOf(level, window_seconds)),
    named(db, `level_${level}`, levelOf(level)),
  ]);
  return {
    ctes,
    counted: column('level', levels),
    isAdmitted: column('is_admitted', levels),
    usages: usagesOf(levels),
  };
}

/** The same if `asked` has one row: without grouping and numbering, which are half of the database's work. */
export function countRow(db: Database, levels: number, window_seconds: SQL): Counted {
  const countOf = (level: number): SQL => {
    const narrower = column('counted', level - 1);
    const source = level === 1 ? sql`asked` : sql`asked inner join ${narrower} on ${isWithin(level - 1)}`;
    const [used, resets] = [column('used', level), column('resets', level)];
    const events = sql`select ${column('key', level)}, 1 from ${source}`;
    return sql`${added(events, window_seconds)} returning used as ${used}, ${RESETS} as ${resets}`;
  };
  const joins = numbersTo(levels).map((level) => sql`left join ${column('counted', level)} on true`);
  return {
    ctes: numbersTo(levels).map((level) => named(db, `counted_${level}`, countOf(level))),
    counted: sql`(select * from asked ${sql.join(joins, sql` `)})`,
    isAdmitted: isWithin(levels),
    usages: usagesOf(levels),
  };
}

/** The numbers of the levels, the smallest first. */
export function numbersTo(levels: number): number[] {
  return Array.from({ length: levels }, (_, index) => index + 1);
}

function usagesOf(levels: number): Counted['usages'] {
  const usages = numbersTo(levels).map((level) => {
    const [used, resets] = [column('used', level), column('resets', level)];
    return sql`case when ${used} is null then null else jsonb_build_object('used', ${used}, 'resetsInSeconds', ${resets}) end`;
  });
  return sql`jsonb_build_array(${sql.join(usages, sql`, `)})`;
}

function isWithin(level: number): SQL {
  return sql`${column('used', level)} <= ${column('limit', level)}`;
}

function named(db: Database, name: string, statement: SQL) {
  return db.$with(name, {}).as(statement);
}

function countOf(level: number, window_seconds: SQL): SQL {
  const key = column('key', level);
  const events = sql`select ${key}, count(*) as n from ${before(level)} where ${admittedBefore(level)} and ${key} is not null group by ${key} order by ${key}`;
  return sql`${added(events, window_seconds)} returning key, used, ${RESETS} as resets`;
}

/** Adds `events` to the counters: rows of a key and how often it is counted. */
function added(events: SQL, window_seconds: SQL): SQL {
  return sql`
    insert into ${rateLimits} as l (key, used, pending, pending_until, blocked_until, expires_at)
    select key, n, 0, ${NEVER}, ${NEVER}, now() + make_interval(secs => ${window_seconds}) from (${events}) as events (key, n)
    on conflict (key) do update set
      used = case when l.expires_at <= now() then 0 else l.used end + excluded.used,
      expires_at = case when l.expires_at <= now() then excluded.expires_at else l.expires_at end`;
}

/** Of several rows with one key, the first one found it as it was before them all. */
function levelOf(level: number): SQL {
  const [admitted, key, used] = [admittedBefore(level), column('key', level), column('used', level)];
  return sql`
    select numbered.*, ${admitted} and coalesce(${used} <= ${column('limit', level)}, true) as ${column('is_admitted', level)}
    from (
      select a.*, (c.used - count(*) over same + row_number() over (same order by a.n))::integer as ${used},
        c.resets as ${column('resets', level)}
      from ${before(level)} a left join ${column('counted', level)} c on ${admitted} and c.key = ${key}
      window same as (partition by ${admitted}, ${key})
    ) numbered`;
}

function before(level: number): SQL {
  return level === 1 ? sql.raw('asked') : column('level', level - 1);
}

function admittedBefore(level: number): SQL {
  return level === 1 ? sql`true` : column('is_admitted', level - 1);
}

function column(name: string, level: number): SQL {
  return sql.raw(`${name}_${level}`);
}
