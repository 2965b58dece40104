import type { Command } from 'commander';
import { printJson } from './print.ts';
import type { VerbContext } from './verb-context.ts';

/** `current`: Alembic's `current`. */
export function registerCurrent(program: Command, { open, command }: VerbContext): void {
  program
    .command('current')
    .description('print the revision that the database is at')
    .option('-v, --verbose', 'with its files and when it was applied')
    .option('--json', 'for scripts')
    .action(async ({ verbose = false, json = false }: { verbose?: boolean; json?: boolean }) => {
      const state = await (await open()).current();
      if (json) return printJson(state);
      const { revisions, unfinished } = state;
      if (revisions.length === 0) console.log(`The database was never migrated; to do it: ${command} upgrade head`);
      for (const { id, message, is_head, path, create_date, applied_at } of revisions) {
        console.log(`${id}${is_head ? ' (head)' : ''}  ${message}`);
        if (verbose) {
          console.log(`    Path: ${path}\n    Create Date: ${create_date}`);
          console.log(`    Applied: ${applied_at?.toISOString() ?? 'by another tool'}`);
        }
      }
      if (unfinished !== undefined)
        console.log(
          `${unfinished.id} stopped after statement ${unfinished.statements_done} of its ${unfinished.direction}; run it again and it goes on there`,
        );
    });
}
