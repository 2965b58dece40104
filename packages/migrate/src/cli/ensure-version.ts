import type { Command } from 'commander';
import { progress } from './progress.ts';
import type { VerbContext } from './verb-context.ts';

/** `ensure-version`: Alembic's `ensure_version`. */
export function registerEnsureVersion(program: Command, { open }: VerbContext): void {
  program
    .command('ensure-version')
    .description('make the version tables if they are missing')
    .action(async () => {
      await (await open(progress())).ensureVersion();
      console.log('The version tables are there');
    });
}
