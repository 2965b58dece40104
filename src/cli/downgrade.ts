import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

/** `back downgrade`: Alembic's `downgrade`. */
export function registerDowngrade(program: Command): void {
  program
    .command('downgrade')
    .description('revert migrations')
    .argument('<target>', '-N, a revision that stays, or base')
    // `-1` is a target here, not an option.
    .allowUnknownOption()
    .action(async (target: string) => {
      const steps = await projectMigrator().downgrade(target);
      if (steps.length === 0) console.log('Nothing to revert');
    });
}
