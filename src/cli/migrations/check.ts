import type { Command } from 'commander';
import { printJson } from '../ui/print.ts';
import { projectMigrator } from './migrator.ts';

/** `back check`: Alembic's `check`, and the live database too. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('compare models, migrations and the database; exit with 1 where they differ')
    .option('--json', 'for scripts')
    .action(async ({ json = false }: { json?: boolean }) => {
      const differences = await projectMigrator().check();
      if (differences.length > 0) process.exitCode = 1;
      if (json) return printJson(differences);
      if (differences.length === 0) console.log('Models, migrations and database agree');
      for (const { between, what, remedy } of differences) console.log(`${between}: ${what}\n    → ${remedy}`);
    });
}
