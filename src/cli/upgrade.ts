import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

/** `back upgrade`: Alembic's `upgrade`. */
export function registerUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('apply migrations')
    .argument('<target>', 'head, heads, +N or a revision')
    .action(async (target: string) => {
      const steps = await projectMigrator().upgrade(target);
      if (steps.length === 0) console.log('Nothing to apply: the database is up to date');
    });
}
