import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { DatabaseConfig } from '../../app/config.ts';
import { connectionOf, isThroughTransactionPooler } from '../../app/database/client.ts';
import type { DatabaseObservation, Look, ReadableConfig } from '../observation.ts';
import { observeAdmins } from './admins.ts';
import { type Connections, createConnections } from './connections.ts';
import type { Looker } from './deadline.ts';
import {
  observeForeignKeys,
  observeJobs,
  observeRole,
  observeServer,
  observeUnchecked,
  observeUsage,
} from './facts.ts';
import { observeLatency } from './latency.ts';
import type { observeMigrations } from './migrations.ts';
import { isBehindPooler, observePooling } from './pooling.ts';
import { observePoolerLimits, observePoolSession, observeTls } from './session.ts';

/** Shares of the whole time; looks that depend on nothing go on at the same time. */
const CONNECT_SHARE = 0.4;
const LOOK_SHARE = 0.4;
const POOLING_SHARE = 0.7;

/** The whole time, and how a look within it is taken. */
export interface Time {
  look: Looker;
  withinMs: number;
}

interface Migrations {
  observeMigrations: typeof observeMigrations;
}

/** Looks at the database over connections of its own, at the migrations in the way that is given. */
export async function observeDatabase(
  config: ReadableConfig,
  { look, withinMs, observeMigrations }: Time & Migrations,
): Promise<Look<DatabaseObservation>> {
  if (!reachesDatabase(config)) return { failure: 'DATABASE_URL cannot be used' };
  const connections = createConnections(config, withinMs);
  try {
    const started = performance.now();
    const connected = await look(withinMs * CONNECT_SHARE, () => connections.open());
    if ('failure' in connected) return connected;
    return {
      seen: await observeServerSide(connected.seen, performance.now() - started, {
        config,
        connections,
        look,
        withinMs,
        observeMigrations,
      }),
    };
  } finally {
    await connections.closeAll();
  }
}

interface Way extends Time, Migrations {
  config: ReadableConfig & DatabaseConfig;
  connections: Connections;
}

async function observeServerSide(client: pg.Client, connect_ms: number, way: Way): Promise<DatabaseObservation> {
  const { config, connections, look, withinMs, observeMigrations } = way;
  const { host, port, database } = connectionOf(config);
  const within = <T>(work: () => Promise<T>): Promise<Look<T>> => look(withinMs * LOOK_SHARE, work);
  // Alone, so that nothing but the way itself takes time.
  const latency = await within(() => observeLatency(client, connect_ms));
  const isPooled = await within(() => isBehindPooler(client));
  const [pooling, facts, session, pooler, migrations] = await Promise.all([
    look(withinMs * POOLING_SHARE, async () => observePooling(await connections.open(), await connections.open())),
    observeFacts(client, way),
    within(() => observePoolSession(connections, config)),
    'seen' in isPooled && isPooled.seen ? within(() => observePoolerLimits(connections, config)) : undefined,
    observeMigrations(connections, { config, look, withinMs: withinMs * LOOK_SHARE }),
  ]);
  return {
    address: `${host}:${port}/${database}`,
    taken_for_transaction_pooler: isThroughTransactionPooler(config),
    tls: observeTls(client, config),
    latency,
    pooling,
    ...facts,
    session,
    ...(pooler && { pooler }),
    migrations,
  };
}

/** One after the other: they share a connection. */
async function observeFacts(
  client: pg.Client,
  { config: { database_schema }, look, withinMs }: Way,
): Promise<Pick<DatabaseObservation, 'server' | 'role' | 'usage' | 'foreign_keys' | 'unchecked' | 'jobs' | 'admins'>> {
  return {
    server: await look(withinMs * LOOK_SHARE, () => observeServer(client)),
    role: await look(withinMs * LOOK_SHARE, () => observeRole(client, database_schema)),
    usage: await look(withinMs * LOOK_SHARE, () => observeUsage(client)),
    foreign_keys: await look(withinMs * LOOK_SHARE, () => observeForeignKeys(client, database_schema)),
    unchecked: await look(withinMs * LOOK_SHARE, () => observeUnchecked(client, database_schema)),
    jobs: await look(withinMs * LOOK_SHARE, () => observeJobs(client, database_schema)),
    admins: await look(withinMs * LOOK_SHARE, () => observeAdmins(client, database_schema)),
  };
}

function reachesDatabase(config: ReadableConfig): config is ReadableConfig & DatabaseConfig {
  return config.database_url !== undefined;
}
