import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { is, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase, nodePgCodecs } from 'drizzle-orm/node-postgres';
import { PgAsyncTransaction } from 'drizzle-orm/pg-core';
import type { BaseLogger } from 'pino';
import type { Config, DatabaseConfig } from './config.ts';
import {
  connectClient,
  connectionOf,
  connectionOptions,
  isThroughTransactionPooler,
  startupParameters,
} from './database/client.ts';
import { createFailover } from './database/failover.ts';
import { phaseOf } from './database/failure-phase.ts';
import { Pool } from './database/pool.ts';
import type { PoolSettings } from './database/pool-client.ts';
import { isWaitSpent } from './database/request-wait.ts';
import { forSession, sessionSettings } from './database/session-settings.ts';
import { createSoftDeleteCheck } from './database/soft-deletes.ts';
import { databaseError, isConnectionLost, isConsequence, isLostRace } from './database/sqlstate.ts';
import { holdTableSchema } from './database/table-schema.ts';
import { isoTimestamp } from './database/timestamps.ts';
import { constraintCodes, models } from './models/index.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';
import { currentTrace, inTrace } from './observability/trace.ts';
import type { AppError } from './utils/errors.ts';

/** The query builder of services, on the pool or on one transaction. */
export type Database = NodePgDatabase;

/** Timestamps of `mode: 'string'` arrive in the API's form. */
const CODECS = {
  ...nodePgCodecs,
  'timestamptz:string': { ...nodePgCodecs['timestamptz:string'], normalize: isoTimestamp },
};
/** Said each time: the role or the database can have other defaults. */
const READ_WRITE = { isolationLevel: 'read committed', accessMode: 'read write' } as const;
/** What waits for the commit of each transaction. */
const afterCommits = new WeakMap<Database, (() => void)[]>();
const MAX_TRIES = 4;
const RETRY_BASE_MS = 20;
/** The client waits this much longer than the server's statement timeout, so that the server's answer comes first. */
const ANSWER_MARGIN_MS = 500;

/** Opens the pool (as SQLAlchemy's QueuePool: size + overflow, recycle, pre-ping, keep-alive); it connects on first use. */
export function createDatabase(
  config: Config,
  log: Pick<BaseLogger, 'warn'>,
  { db_query_duration_seconds }: Pick<Metrics, 'db_query_duration_seconds'> = createMetrics(),
): { db: Database; pool: Pool } {
  const settings = poolSettings(config);
  const releaseSchema = holdTableSchema(Object.values(models), config.database_schema);
  const pool = new Pool(settings, {
    onEnd: releaseSchema,
    onLost: (error) =>
      log.warn({ event: 'database.connection_lost', error: describe(error) }, 'a database connection was lost'),
    onAnswer: (tookMs) => db_query_duration_seconds.observe(tookMs / 1000),
  });
  const logger = config.environment === 'production' ? undefined : createSoftDeleteCheck(Object.values(models));
  return { db: drizzle({ client: pool, codecs: CODECS, ...(logger && { logger }) }), pool };
}

/**
 * Runs `work` in one transaction and returns its value; any error rolls back. A transaction that lost a race (deadlock,
 * serialization) runs again as a whole, and so does one whose `begin` found a dead connection. Inside a transaction it
 * joins that one: `await inTransaction(ctx, async (ctx) => { await ctx.db.insert(items).values(…); })`
 */
export async function inTransaction<C extends { db: Database }, T>(ctx: C, work: (ctx: C) => Promise<T>): Promise<T> {
  if (is(ctx.db, PgAsyncTransaction)) return work(ctx);
  return retried(async () => {
    const after: (() => void)[] = [];
    const value = await ctx.db.transaction((db) => {
      afterCommits.set(db, after);
      return work({ ...ctx, db });
    }, READ_WRITE);
    for (const then of after) then();
    return value;
  });
}

/** Calls `work` once the transaction of `ctx` is committed, at once if there is none; never after a rollback. */
export function afterCommit({ db }: { db: Database }, work: () => void): void {
  const after = afterCommits.get(db);
  if (after === undefined) work();
  else after.push(work);
}

/** Runs one statement. Outside of a transaction it runs again after a lost race, since a failed statement changed nothing. */
export async function alone<T>({ db }: { db: Database }, work: () => Promise<T>): Promise<T> {
  return is(db, PgAsyncTransaction) ? work() : retried(work);
}

/**
 * Runs one statement that waits for no lock for long, such as a count: where all connections are taken it waits for one together
 * with reads. `await brief(() => count.execute(values))`
 */
export function brief<T>(work: () => Promise<T>): Promise<T> {
  const trace = currentTrace();
  return trace === undefined ? work() : inTrace({ ...trace, is_brief: true }, work);
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const hasNotBegun = phaseOf(error) === 'begin' && isConnectionLost(error);
      const mayRunAgain = isLostRace(error) || (hasNotBegun && attempt === 1);
      if (!mayRunAgain || attempt === MAX_TRIES) throw error;
      await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt);
    }
  }
}

/**
 * Runs `work` in one transaction that crosses to the database once: its statements and the commit are sent together. `work`
 * starts all of its statements before it awaits an answer: `atOnce(ctx, (ctx) => inOrder([a(ctx), b(ctx)]))`. If one
 * fails, none counts. A condition that only the answers tell needs inTransaction.
 */
export async function atOnce<C extends { db: Database }, T>(ctx: C, work: (ctx: C) => Promise<T>): Promise<T> {
  if (is(ctx.db, PgAsyncTransaction)) return work(ctx);
  return inTransaction(ctx, async (ctx) => {
    const working = work(ctx);
    working.catch(() => {});
    // In a turn of its own, after the statements. The driver refuses what comes after it, and sends no second one.
    await nextTurn();
    const [done, committed] = await Promise.allSettled([working, ctx.db.execute(sql`commit`)]);
    if (done.status === 'rejected') throw done.reason;
    if (committed.status === 'rejected') throw committed.reason;
    return done.value;
  });
}

/**
 * The values of statements of one transaction that were sent at once. If some fail, the error of the first one in the list
 * is thrown that is no consequence of another: the server refuses every later statement of a transaction (25P02).
 */
export async function inOrder<T extends readonly unknown[]>(
  statements: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failures = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw failures.find((reason) => !isConsequence(reason)) ?? failures[0];
  // Every one is fulfilled, in the order of the list.
  return settled.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

/** The connections of a process: those that work, those that wait for work, and the work that waits for one. */
export interface PoolUsage {
  used: number;
  idle: number;
  waiting: number;
  max: number;
  through_transaction_pooler: boolean;
}

/** How the pool is used at present. */
export function poolUsage({ db, config }: { db: Database; config: Config }): PoolUsage {
  const { totalCount, idleCount, waitingCount } = poolOf(db);
  return {
    used: totalCount - idleCount,
    idle: idleCount,
    waiting: waitingCount,
    max: config.pool_size + config.pool_max_overflow,
    through_transaction_pooler: isThroughTransactionPooler(config),
  };
}

/** True if work waits for a connection, so that further work would wait behind it. */
export function hasLine({ db }: { db: Database }): boolean {
  return poolOf(db).waitingCount > 0;
}

function poolOf(db: Database): Pool {
  // Made by createDatabase, whose client is the pool; the builder's type leaves it out.
  return (db as Database & { $client: Pool }).$client;
}

/** Runs `work` on a connection outside of the pool, without its timeouts, for long operations. */
export async function onOwnConnection<T>(config: DatabaseConfig, work: (db: Database) => Promise<T>): Promise<T> {
  const releaseSchema = holdTableSchema(Object.values(models), config.database_schema);
  try {
    const client = await connectClient(config);
    client.on('error', () => {});
    try {
      if (!isThroughTransactionPooler(config)) await client.query(forSession(sessionSettings(config)));
      return await work(drizzle({ client, codecs: CODECS }));
    } finally {
      await client.end().catch(() => {});
    }
  } finally {
    releaseSchema();
  }
}

/** Translates a failure of the database to an AppError, by the models' constraints and the SQLSTATE; `undefined` for any other error. */
export function translateDatabaseError(error: unknown): AppError | undefined {
  return databaseError(error, constraintCodes);
}

/** True for the failure of a statement whose request had no time left for the database; it says nothing of the database. */
export function hasNoTimeLeft(error: unknown): boolean {
  return isWaitSpent(error);
}

function poolSettings(config: Config): PoolSettings {
  const connection = connectionOf(config);
  const failover = createFailover(connection);
  const answer_ms = config.statement_timeout_seconds * 1000 + ANSWER_MARGIN_MS;
  return {
    ...connectionOptions(connection),
    ...failover.target,
    failover,
    // Through a pooler only the client's timeout applies.
    ...startupParameters(config),
    query_timeout: answer_ms,
    request_wait_ms: Math.max(answer_ms, config.pool_timeout_seconds * 1000),
    session: sessionSettings(config, config),
    min: config.pool_size,
    max: config.pool_size + config.pool_max_overflow,
    maxLifetimeSeconds: config.pool_recycle_seconds,
    connectionTimeoutMillis: config.pool_timeout_seconds * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: config.keepalive_idle_seconds * 1000,
    pre_ping: config.pool_pre_ping,
    keepalive: {
      idle_seconds: config.keepalive_idle_seconds,
      interval_seconds: config.keepalive_interval_seconds,
      count: config.keepalive_count,
    },
    may_fall_back: connection.may_fall_back,
    through_transaction_pooler: isThroughTransactionPooler(config),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
