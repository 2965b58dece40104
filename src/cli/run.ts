import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { serve } from '../app/main.ts';

/** `back run`, `npm start`: production. No embedded database, no migration; it says which revisions are pending. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('serve in production: no embedded database, no automatic migration')
    .action(async () => {
      process.env.ENVIRONMENT = readEnvironment().ENVIRONMENT?.trim() || 'production';
      await serve(loadConfig(readEnvironment()));
    });
}
