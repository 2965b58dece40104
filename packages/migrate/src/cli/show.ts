import type { Command } from 'commander';
import { printJson } from './print.ts';
import { revisionDetails } from './revision-lines.ts';
import type { VerbContext } from './verb-context.ts';

/** `show`: Alembic's `show`. */
export function registerShow(program: Command, { open }: VerbContext): void {
  program
    .command('show')
    .description('show a revision in full')
    .argument('<revision>', 'an id or the beginning of one, head, heads')
    .option('--json', 'for scripts')
    .action(async (target: string, { json = false }: { json?: boolean }) => {
      const revisions = (await open()).show(target);
      if (json) return printJson(revisions);
      for (const revision of revisions) console.log(revisionDetails(revision));
    });
}
