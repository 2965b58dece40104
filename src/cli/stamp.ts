import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

/** `back stamp`: Alembic's `stamp`. */
export function registerStamp(program: Command): void {
  program
    .command('stamp')
    .description('record that the database is at a revision, without running anything')
    .argument('<target>', 'head, a revision, or base')
    .action(async (target: string) => {
      await projectMigrator().stamp(target);
      console.log(`Stamped ${target}`);
    });
}
