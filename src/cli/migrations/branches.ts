import type { Command } from 'commander';
import { printJson } from '../ui/print.ts';
import { projectMigrator } from './migrator.ts';
import { revisionLine } from './revision-lines.ts';

/** `back branches`: Alembic's `branches`. */
export function registerBranches(program: Command): void {
  program
    .command('branches')
    .description('list the revisions that several others follow')
    .option('--json', 'for scripts')
    .action(({ json = false }: { json?: boolean }) => {
      const branches = projectMigrator().branches();
      if (json) return printJson(branches);
      for (const { followers, ...revision } of branches) {
        console.log(revisionLine(revision));
        for (const follower of followers) console.log(`    -> ${follower}`);
      }
    });
}
