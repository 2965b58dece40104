import type { Command } from 'commander';
import { progress, projectMigrator } from './migrator.ts';

/** `back stamp`: Alembic's `stamp`. */
export function registerStamp(program: Command): void {
  program
    .command('stamp')
    .description('record that the database is at revisions, without running anything')
    .argument('<targets...>', 'head, heads, a revision, or base')
    .option('--purge', 'forget first whatever the version table holds')
    .action(async (targets: string[], { purge = false }: { purge?: boolean }) => {
      const ids = await projectMigrator(progress()).stamp(targets, { purge });
      console.log(`Stamped ${ids.join(', ') || 'base'}`);
    });
}
