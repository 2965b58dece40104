import type { Command } from 'commander';
import { printJson } from '../ui/print.ts';
import { projectMigrator } from './migrator.ts';
import { revisionDetails } from './revision-lines.ts';

/** `back heads`: Alembic's `heads`. */
export function registerHeads(program: Command): void {
  program
    .command('heads')
    .description('list the revisions that nothing follows')
    .option('-v, --verbose', 'each in full')
    .option('--json', 'for scripts')
    .action(({ verbose = false, json = false }: { verbose?: boolean; json?: boolean }) => {
      const heads = projectMigrator().heads();
      if (json) return printJson(heads);
      for (const head of heads) console.log(verbose ? revisionDetails(head) : `${head.id} (head)  ${head.message}`);
    });
}
