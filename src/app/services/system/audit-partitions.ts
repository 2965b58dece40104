import { type SQL, sql } from 'drizzle-orm';
import type { AuditConfig } from '../../config.ts';
import type { Core } from '../../core.ts';
import { inTransaction, onOwnConnection } from '../../database.ts';
import { auditCuts } from '../../models/system/audit-chains.ts';
import { auditEvents } from '../../models/system/audit-events.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from './audit.ts';

/** The partitions that one run created and dropped. */
export interface Upkeep {
  created: string[];
  dropped: string[];
  /** Another process held the lock, so the round is not complete. */
  is_busy?: true;
}

/** A partition and the time it covers; the default one covers the rest. */
interface Partition {
  name: string;
  from: Date;
  to: Date;
}

type Surroundings = Pick<Core, 'log'> & { config: AuditConfig };
type UpkeepContext = audit.AuditContext & Surroundings;

const DEFAULT_PARTITION = 'audit_events_default';
/** Months that have their partition before they begin. */
const MONTHS_AHEAD = 2;
/** Same number on every replica: one at a time. */
const LOCK_KEY = 5_811_307_442;
/** A change that waits longer for the table would make every login queue up behind it; the next run tries again. */
const LOCK_TIMEOUT = '500ms';
const DAY_MS = 86_400_000;

/**
 * Makes the coming months' partitions and drops those whose last event is older than AUDIT_RETENTION_DAYS. Safe to run
 * anywhere at any time; if another process holds the lock, the round ends and says so. Time is the database's: a wrong clock here drops nothing.
 */
export async function keepUp(ctx: Surroundings): Promise<Upkeep> {
  return onOwnConnection(ctx.config, async (db) => {
    const own = { ...ctx, db, actor: null, client: { ip: 'local', user_agent: null }, request_id: newId() };
    const months = await underLock(own, createMonths);
    if (months === 'busy') return { created: [], dropped: [], is_busy: true };
    const [created, dropped]: [string[], string[]] = [months.done, []];
    for (;;) {
      const oldest = await underLock(own, dropOldest);
      if (oldest === 'busy') return { created, dropped, is_busy: true };
      if (oldest.done === undefined) return { created, dropped };
      dropped.push(oldest.done);
    }
  });
}

async function underLock<T>(
  ctx: UpkeepContext,
  work: (ctx: UpkeepContext) => Promise<T>,
): Promise<{ done: T } | 'busy'> {
  return inTransaction(ctx, async (ctx) => {
    await ctx.db.execute(sql`
      select set_config('lock_timeout', ${LOCK_TIMEOUT}, true), set_config('statement_timeout', '0', true),
        set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),
        set_config('idle_in_transaction_session_timeout', '10s', true)`);
    const { rows } = await ctx.db.execute<{ is_ours: boolean }>(
      sql`select pg_try_advisory_xact_lock(${LOCK_KEY}) as is_ours`,
    );
    return rows[0]?.is_ours ? { done: await work(ctx) } : 'busy';
  });
}

async function createMonths(ctx: UpkeepContext): Promise<string[]> {
  const created = await adoptDefault(ctx);
  const { now, partitions } = await survey(ctx);
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    const [from, to] = [startOfMonth(now, ahead), startOfMonth(now, ahead + 1)];
    if (isCovered(partitions, from, to) || (await hasDefaultRows(ctx, from, to))) continue;
    const name = partitionName(from);
    await ctx.db.execute(sql`create table ${table(ctx, name)} (like ${auditEvents} including all)`);
    // Attached afterwards, since CREATE TABLE … PARTITION OF would lock every reader and writer of the parent out.
    await attach(ctx, { name, from, to });
    created.push(name);
  }
  return created;
}

/**
 * Rows that came while their month had no partition are in the default one, and would keep it from ever being made.
 * So the default partition itself becomes that of the months it holds, and an empty one takes its place.
 */
async function adoptDefault(ctx: UpkeepContext): Promise<string[]> {
  const { rows } = await ctx.db.execute<{ first: string | null; last: string | null }>(
    sql`select min(created_at) as first, max(created_at) as last from ${table(ctx, DEFAULT_PARTITION)}`,
  );
  const [first, last] = [rows[0]?.first, rows[0]?.last];
  if (!first || !last) return [];
  const [from, to] = [startOfMonth(new Date(first), 0), startOfMonth(new Date(last), 1)];
  const { partitions } = await survey(ctx);
  if (isCovered(partitions, from, to)) {
    ctx.log.warn({ event: 'audit.default_partition_stays', from, to }, 'rows in the default partition span other ones');
    return [];
  }
  const name = partitionName(from);
  await ctx.db.execute(sql`alter table ${auditEvents} detach partition ${table(ctx, DEFAULT_PARTITION)}`);
  await ctx.db.execute(sql`alter table ${table(ctx, DEFAULT_PARTITION)} rename to ${sql.identifier(name)}`);
  await ctx.db.execute(sql`create table ${table(ctx, DEFAULT_PARTITION)} (like ${auditEvents} including all)`);
  await ctx.db.execute(sql`alter table ${auditEvents} attach partition ${table(ctx, DEFAULT_PARTITION)} default`);
  await attach(ctx, { name, from, to });
  return [name];
}

/** A partition of these bounds would be refused: rows that belong to it are in the default one. */
async function hasDefaultRows(ctx: UpkeepContext, from: Date, to: Date): Promise<boolean> {
  const { rows } = await ctx.db.execute<{ found: boolean }>(sql`
    select exists (select 1 from ${table(ctx, DEFAULT_PARTITION)}
      where created_at >= ${from.toISOString()} and created_at < ${to.toISOString()}) as found`);
  return rows[0]?.found === true;
}

function isCovered(partitions: readonly Partition[], from: Date, to: Date): boolean {
  return partitions.some((partition) => partition.from < to && from < partition.to);
}

/** Drops the oldest expired partition; the links that what stays goes on from are kept. */
async function dropOldest(ctx: UpkeepContext): Promise<string | undefined> {
  const days = ctx.config.audit_retention_days;
  if (days === 0) return undefined;
  const { now, partitions } = await survey(ctx);
  const expired = partitions.find(({ to }) => to.getTime() <= now.getTime() - days * DAY_MS);
  if (expired === undefined) return undefined;
  const { name } = expired;
  await ctx.db.execute(sql`
    insert into ${auditCuts} (chain, seq, hash)
    select chain, seq, hash from (
      select chain, seq, hash, lead(seq) over (partition by chain order by seq) as seq_after
      from ${table(ctx, name)} where hash is not null
    ) leaving where seq_after is distinct from seq + 1
    on conflict do nothing`);
  await ctx.db.execute(sql`drop table ${table(ctx, name)}`);
  const details = { partition: name, until: expired.to.toISOString() };
  await audit.record(ctx, { event: 'audit.pruned', subject_id: null, details });
  return name;
}

/** The partitions with bounds, oldest first, and the database's time. */
async function survey({ db, config }: UpkeepContext): Promise<{ now: Date; partitions: Partition[] }> {
  const { rows } = await db.execute<{ now: string; name: string | null; bound: string | null }>(sql`
    select now() as now, child.relname as name, pg_get_expr(child.relpartbound, child.oid) as bound
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = ${`${config.database_schema}.audit_events`}::regclass`);
  const partitions = rows.flatMap(({ name, bound }) => {
    const [, from, to] = /^FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)$/.exec(bound ?? '') ?? [];
    return name && from && to ? [{ name, from: new Date(from), to: new Date(to) }] : [];
  });
  partitions.sort((a, b) => a.from.getTime() - b.from.getTime());
  return { now: new Date(rows[0]?.now ?? Number.NaN), partitions };
}

async function attach(ctx: UpkeepContext, { name, from, to }: Partition): Promise<void> {
  const bounds = sql.raw(`from ('${from.toISOString()}') to ('${to.toISOString()}')`);
  await ctx.db.execute(sql`alter table ${auditEvents} attach partition ${table(ctx, name)} for values ${bounds}`);
}

function table({ config }: UpkeepContext, name: string): SQL {
  return sql`${sql.identifier(config.database_schema)}.${sql.identifier(name)}`;
}

function startOfMonth(time: Date, ahead: number): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + ahead));
}

function partitionName(month: Date): string {
  return `audit_events_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}
