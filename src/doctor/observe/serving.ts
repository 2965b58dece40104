import { availableParallelism } from 'node:os';
import { processBudget } from '../../app/budget.ts';
import { type Config, readEnvironment } from '../../app/config.ts';
import type { Observation } from '../observation.ts';
import { observeDatabase } from './database.ts';
import { createLooker } from './deadline.ts';
import { observeStanding } from './migrations.ts';

const WITHIN_MS = 4000;

/**
 * What a process that serves sees of its own settings and its database: what is cheap. Files, words in keys, the mail
 * server, Redis and a comparison of models and database are left to the command.
 */
export async function observeServing(
  config: Config,
  { file_purposes }: Pick<Observation, 'file_purposes'>,
): Promise<Observation> {
  const environment = readEnvironment();
  const look = createLooker(WITHIN_MS, (error) => (error instanceof Error ? error.message : String(error)));
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
    database: await observeDatabase(config, { look, withinMs: WITHIN_MS, observeMigrations: observeStanding }),
  };
}
