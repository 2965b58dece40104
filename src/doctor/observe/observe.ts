import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import { processBudget } from '../../app/budget.ts';
import { type DatabaseConfig, examineConfig } from '../../app/config.ts';
import { connectionOf, isThroughTransactionPooler } from '../../app/database/client.ts';
import type { DatabaseObservation, Look, MailObservation, Observation, ReadableConfig } from '../observation.ts';
import { observeAdmins } from './admins.ts';
import { type Connections, createConnections } from './connections.ts';
import { createLooker, type Explain, type Looker } from './deadline.ts';
import {
  observeForeignKeys,
  observeJobs,
  observeRole,
  observeServer,
  observeUnchecked,
  observeUsage,
} from './facts.ts';
import { observeLatency } from './latency.ts';
import { exposedFiles, knownWords } from './machine.ts';
import { observeMailDomain, observeMailServer } from './mail.ts';
import { observeMigrations } from './migrations.ts';
import { isBehindPooler, observePooling } from './pooling.ts';
import { observeRedis } from './redis.ts';
import { observePoolerLimits, observePoolSession, observeTls } from './session.ts';

type Environment = Parameters<typeof examineConfig>[0];

/** Shares of the whole time; looks that depend on nothing go on at the same time. */
const CONNECT_SHARE = 0.4;
const LOOK_SHARE = 0.4;
const POOLING_SHARE = 0.7;

/** What to look at, and how an error is told. */
export interface Surroundings {
  environment: Environment;
  /** Where `.env` lies. */
  directory: string;
  instances: number;
  file_purposes: readonly string[];
  withinMs: number;
  explain: Explain;
}

/** Runs every look within the time limit. Leaves nothing changed. */
export async function observe({
  environment,
  directory,
  instances,
  file_purposes,
  withinMs,
  explain,
}: Surroundings): Promise<Observation> {
  const { config, problems } = readableConfig(environment);
  const time = { look: createLooker(withinMs, explain), withinMs };
  const redis_url = config.redis_url?.reveal();
  const [database, redis, mail] = await Promise.all([
    observeDatabase(config, time),
    redis_url === undefined ? undefined : time.look(withinMs * LOOK_SHARE, () => observeRedis(redis_url)),
    observeMail(config, time),
  ]);
  return {
    config,
    problems,
    given: new Set(Object.keys(environment).filter((name) => environment[name]?.trim())),
    now: new Date(),
    instances,
    cores: availableParallelism(),
    file_purposes,
    budget: processBudget(config),
    exposed_files: exposedFiles(directory, config),
    words: knownWords(),
    database,
    ...(redis && { redis }),
    ...(mail && { mail }),
  };
}

function readableConfig(environment: Environment): { config: ReadableConfig; problems: readonly string[] } {
  const { database_url: _, ...defaults } = examineConfig({}).config;
  const { config, problems } = examineConfig(environment);
  // Every setting but SECRET_KEY has a default that can be read.
  return { config: { ...defaults, ...config } as ReadableConfig, problems };
}

interface Time {
  look: Looker;
  withinMs: number;
}

async function observeMail(config: ReadableConfig, { look, withinMs }: Time): Promise<MailObservation | undefined> {
  const url = config.smtp_url?.reveal();
  if (url === undefined) return undefined;
  const [server, domain] = await Promise.all([
    look(withinMs * POOLING_SHARE, () => observeMailServer(url)),
    look(withinMs, () => observeMailDomain(config, { look, withinMs: withinMs * LOOK_SHARE })),
  ]);
  return { server, domain };
}

async function observeDatabase(config: ReadableConfig, { look, withinMs }: Time): Promise<Look<DatabaseObservation>> {
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
      }),
    };
  } finally {
    await connections.closeAll();
  }
}

interface Way extends Time {
  config: ReadableConfig & DatabaseConfig;
  connections: Connections;
}

async function observeServerSide(client: pg.Client, connect_ms: number, way: Way): Promise<DatabaseObservation> {
  const { config, connections, look, withinMs } = way;
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
