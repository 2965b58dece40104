import { availableParallelism } from 'node:os';
import { processBudget } from '../../app/budget.ts';
import { examineConfig } from '../../app/config.ts';
import type { MailObservation, Observation, ReadableConfig } from '../observation.ts';
import { observeDatabase, type Time } from './database.ts';
import { createLooker, type Explain } from './deadline.ts';
import { exposedFiles, knownWords } from './machine.ts';
import { observeMailDomain, observeMailServer } from './mail.ts';
import { observeMigrations } from './migrations.ts';
import { observeRedis } from './redis.ts';

type Environment = Parameters<typeof examineConfig>[0];

/** Shares of the whole time; looks that depend on nothing go on at the same time. */
const LOOK_SHARE = 0.4;
const SERVER_SHARE = 0.7;

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
    observeDatabase(config, { ...time, observeMigrations }),
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

async function observeMail(config: ReadableConfig, { look, withinMs }: Time): Promise<MailObservation | undefined> {
  const url = config.smtp_url?.reveal();
  if (url === undefined) return undefined;
  const [server, domain] = await Promise.all([
    look(withinMs * SERVER_SHARE, () => observeMailServer(url)),
    look(withinMs, () => observeMailDomain(config, { look, withinMs: withinMs * LOOK_SHARE })),
  ]);
  return { server, domain };
}
