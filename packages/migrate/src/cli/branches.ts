import type { Command } from 'commander';
import { printJson } from './print.ts';
import { revisionLine } from './revision-lines.ts';
import type { VerbContext } from './verb-context.ts';

/** `branches`: Alembic's `branches`. */
export function registerBranches(program: Command, { open }: VerbContext): void {
  program
    .command('branches')
    .description('list the revisions that several others follow')
    .option('--json', 'for scripts')
    .action(async ({ json = false }: { json?: boolean }) => {
      const branches = (await open()).branches();
      if (json) return printJson(branches);
      for (const { followers, ...revision } of branches) {
        console.log(revisionLine(revision));
        for (const follower of followers) console.log(`    -> ${follower}`);
      }
    });
}
