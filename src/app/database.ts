import { setTimeout as sleep } from 'node:timers/promises';
import { is } from 'drizzle-orm';
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
import { Pool, type PoolSettings } from './database/pool.ts';
import { isConnectionLost, isLostRace } from './database/sqlstate.ts';
import { holdTableSchema } from './database/table-schema.ts';
import { isoTimestamp } from './database/timestamps.ts';
import { models } from './models/index.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';

/** What services query: the pool, or one transaction. */
export type Database = NodePgDatabase;

/** Timestamps that only pass through (`mode: 'string'`) come as the API writes them. */
const CODECS = {
  ...nodePgCodecs,
  'timestamptz:string': { ...nodePgCodecs['timestamptz:string'], normalize: isoTimestamp },
};
const MAX_TRIES = 4;
const RETRY_BASE_MS = 20;
/** How much longer than the server's own statement timeout the client waits, so that the server's answer comes first. */
const ANSWER_MARGIN_MS = 1000;

/** Opens the pool that the seed describes (QueuePool: size + overflow, recycle, pre-ping, keep-alive); connects on first use. */
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
  return { db: drizzle({ client: pool, codecs: CODECS }), pool };
}

/**
 * Runs `work` in one transaction and returns its value; any error rolls back. A transaction that lost a race (deadlock,
 * serialization) is run again as a whole, and so is one whose `begin` found a dead connection: nothing had happened yet.
 * Within a transaction it joins that one.
 */
export async function inTransaction<C extends { db: Database }, T>(ctx: C, work: (ctx: C) => Promise<T>): Promise<T> {
  if (is(ctx.db, PgAsyncTransaction)) return work(ctx);
  for (let attempt = 1; ; attempt++) {
    let begun = false;
    try {
      return await ctx.db.transaction(async (db) => {
        begun = true;
        return work({ ...ctx, db });
      });
    } catch (error) {
      const mayRunAgain = isLostRace(error) || (!begun && isConnectionLost(error) && attempt === 1);
      if (!mayRunAgain || attempt === MAX_TRIES) throw error;
      await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt);
    }
  }
}

/** Runs `work` on a connection of its own, without the deadlines of the pool: for what takes as long as it takes. */
export async function onOwnConnection<T>(config: DatabaseConfig, work: (db: Database) => Promise<T>): Promise<T> {
  const releaseSchema = holdTableSchema(Object.values(models), config.database_schema);
  try {
    const client = await connectClient(config);
    client.on('error', () => {});
    try {
      return await work(drizzle({ client, codecs: CODECS }));
    } finally {
      await client.end().catch(() => {});
    }
  } finally {
    releaseSchema();
  }
}

function poolSettings(config: Config): PoolSettings {
  return {
    ...connectionOptions(config),
    // Where a pooler would drop or refuse them, the client's own deadline stands alone.
    ...startupParameters(config),
    query_timeout: config.statement_timeout_seconds * 1000 + ANSWER_MARGIN_MS,
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
    may_fall_back: connectionOf(config).may_fall_back,
    through_transaction_pooler: isThroughTransactionPooler(config),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
