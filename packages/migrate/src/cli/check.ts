import type { Command } from 'commander';
import { printJson } from './print.ts';
import type { VerbContext } from './verb-context.ts';

/** `check`: Alembic's `check`, and the live database too. */
export function registerCheck(program: Command, { open }: VerbContext): void {
  program
    .command('check')
    .description('compare models, migrations and the database; exit with 1 if they differ')
    .option('--json', 'for scripts')
    .action(async ({ json = false }: { json?: boolean }) => {
      const differences = await (await open()).check();
      if (differences.length > 0) process.exitCode = 1;
      if (json) return printJson(differences);
      if (differences.length === 0) console.log('Models, migrations and database agree');
      for (const { between, what, remedy } of differences) console.log(`${between}: ${what}\n    → ${remedy}`);
    });
}
