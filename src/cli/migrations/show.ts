import type { Command } from 'commander';
import { printJson } from '../ui/print.ts';
import { projectMigrator } from './migrator.ts';
import { revisionDetails } from './revision-lines.ts';

/** `back show`: Alembic's `show`. */
export function registerShow(program: Command): void {
  program
    .command('show')
    .description('show a revision in full')
    .argument('<revision>', 'an id or the beginning of one, head, heads')
    .option('--json', 'for scripts')
    .action((target: string, { json = false }: { json?: boolean }) => {
      const revisions = projectMigrator().show(target);
      if (json) return printJson(revisions);
      for (const revision of revisions) console.log(revisionDetails(revision));
    });
}
