import type { Command } from 'commander';
import { printJson } from './print.ts';
import { revisionDetails } from './revision-lines.ts';
import type { VerbContext } from './verb-context.ts';

/** `heads`: Alembic's `heads`. */
export function registerHeads(program: Command, { open }: VerbContext): void {
  program
    .command('heads')
    .description('list the revisions that nothing follows')
    .option('-v, --verbose', 'each in full')
    .option('--json', 'for scripts')
    .action(async ({ verbose = false, json = false }: { verbose?: boolean; json?: boolean }) => {
      const heads = (await open()).heads();
      if (json) return printJson(heads);
      for (const head of heads) console.log(verbose ? revisionDetails(head) : `${head.id} (head)  ${head.message}`);
    });
}
