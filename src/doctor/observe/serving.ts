import { availableParallelism } from 'node:os';
import { processBudget } from '../../app/budget.ts';
import { type Config, readEnvironment } from '../../app/config.ts';
import type { Observation } from '../observation.ts';
import { observeDatabase } from './database.ts';
import { createLooker } from './deadline.ts';
import { compareLately } from './drift.ts';
import { observeMailServer } from './mail.ts';
import { observeMigrations } from './migrations.ts';
import { observeRedis } from './redis.ts';

const WITHIN_MS = 4000;

/**
 * What a process that serves sees of its settings, its database, its mail server and its Redis, within seconds. Files, words in
 * keys and the records of the sender's domain are left to the command.
 */
export async function observeServing(
  config: Config,
  { file_purposes }: Pick<Observation, 'file_purposes'>,
): Promise<Observation> {
  const environment = readEnvironment();
  const look = createLooker(WITHIN_MS, (error) => (error instanceof Error ? error.message : String(error)));
  const [redis_url, smtp_url] = [config.redis_url?.reveal(), config.smtp_url?.reveal()];
  const [database, redis, server] = await Promise.all([
    observeDatabase(config, {
      ...{ look, withinMs: WITHIN_MS },
      observeMigrations: (connections, way) => observeMigrations(connections, { ...way, compare: compareLately }),
    }),
    redis_url === undefined ? undefined : look(WITHIN_MS, () => observeRedis(redis_url)),
    smtp_url === undefined ? undefined : look(WITHIN_MS, () => observeMailServer(smtp_url)),
  ]);
  return {
    config,
    problems: [],
    given: new Set(Object.keys(environment).filter((name) => environment[name]?.trim())),
    now: new Date(),
    instances: 1,
    cores: availableParallelism(),
    budget: processBudget(config),
    exposed_files: [],
    file_purposes,
    words: new Set(),
    database,
    ...(redis && { redis }),
    ...(server && { mail: { server } }),
  };
}
