import { setTimeout as sleep } from 'node:timers/promises';
import { is } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { PgAsyncTransaction } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { BaseLogger } from 'pino';
import type { Config, DatabaseConfig } from './config.ts';
import { models } from './models/index.ts';
import { type Connection, parseConnectionString } from './utils/connection-strings.ts';
import { Pool, type PoolSettings } from './utils/pool.ts';
import { isConnectionLost, isLostRace } from './utils/sqlstates.ts';

/** What services query: the pool, or one transaction. */
export type Database = NodePgDatabase;

/** Where drizzle keeps a table's schema; a model is written before the configuration is known. */
const TABLE_SCHEMA = Symbol.for('drizzle:Schema');
const MAX_TRIES = 4;
const RETRY_BASE_MS = 20;
/** How much longer than the server's own statement timeout the client waits, so that the server's answer comes first. */
const ANSWER_MARGIN_MS = 1000;

/** Opens the pool that the seed describes (QueuePool: size + overflow, recycle, pre-ping, keep-alive); connects on first use. */
export function createDatabase(config: Config, log: Pick<BaseLogger, 'warn'>): { db: Database; pool: Pool } {
  useSchema(config.database_schema);
  const pool = new Pool(poolSettings(config), {
    onLost: (error) =>
      log.warn({ event: 'database.connection_lost', error: describe(error) }, 'a database connection was lost'),
  });
  return { db: drizzle({ client: pool }), pool };
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
  useSchema(config.database_schema);
  const client = await connectClient(config);
  client.on('error', () => {});
  try {
    return await work(drizzle({ client }));
  } finally {
    await client.end().catch(() => {});
  }
}

/** Connects one client of its own, for migrations and scripts; the caller ends it. */
export async function connectClient(config: DatabaseConfig): Promise<pg.Client> {
  const options = connectionOptions(config);
  const client = new pg.Client(options);
  try {
    await client.connect();
    return client;
  } catch (error) {
    const isRefusal = error instanceof Error && /does not support SSL/.test(error.message);
    if (!isRefusal || !connectionOf(config).may_fall_back) throw error;
    const inClear = new pg.Client({ ...options, ssl: false });
    await inClear.connect();
    return inClear;
  }
}

/** The driver's options for the configured URL: TLS as libpq reads `sslmode`, and on by default beyond this machine. */
export function connectionOptions(config: DatabaseConfig): pg.ClientConfig {
  const { connectionString, ssl } = connectionOf(config);
  return { connectionString, ssl, application_name: 'back-api', connectionTimeoutMillis: 10_000 };
}

/** True where every statement may meet another server process: Supabase's pooler on port 6543, PgBouncer in transaction mode. */
export function isThroughTransactionPooler(config: DatabaseConfig): boolean {
  if (config.database_pooler !== 'auto') return config.database_pooler === 'transaction';
  return connectionOf(config).port === 6543;
}

function connectionOf(config: DatabaseConfig): Connection {
  return parseConnectionString(config.database_url.reveal());
}

function poolSettings(config: Config): PoolSettings {
  const statement_timeout = config.statement_timeout_seconds * 1000;
  const through_transaction_pooler = isThroughTransactionPooler(config);
  return {
    ...connectionOptions(config),
    // A pooler drops or refuses startup parameters; there the client's own deadline stands alone.
    ...(!through_transaction_pooler && { statement_timeout }),
    query_timeout: statement_timeout + ANSWER_MARGIN_MS,
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
    through_transaction_pooler,
  };
}

/** Qualifies every table, since `search_path` is session state and does not survive a transaction pooler. */
function useSchema(schema: string): void {
  for (const table of Object.values(models)) {
    Object.defineProperty(table, TABLE_SCHEMA, { value: schema === 'public' ? undefined : schema, configurable: true });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
