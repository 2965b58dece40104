import type { Command } from 'commander';
import { progress, projectMigrator } from './migrator.ts';

/** `back ensure-version`: Alembic's `ensure_version`. */
export function registerEnsureVersion(program: Command): void {
  program
    .command('ensure-version')
    .description('make the version tables where they are missing')
    .action(async () => {
      await projectMigrator(progress()).ensureVersion();
      console.log('The version tables are there');
    });
}
