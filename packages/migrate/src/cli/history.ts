import type { Command } from 'commander';
import { printJson } from './print.ts';
import { revisionDetails, revisionLine } from './revision-lines.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  revRange?: string;
  branch?: string;
  verbose?: boolean;
  indicateCurrent?: boolean;
  json?: boolean;
}

/** `history`: Alembic's `history`, newest first. */
export function registerHistory(program: Command, { open }: VerbContext): void {
  program
    .command('history')
    .description('list the revisions, newest first')
    .option('-r, --rev-range <from:to>', 'only these: base:head, 3f2a:, current:head')
    .option('-b, --branch <label>', 'only the revisions of this branch')
    .option('-v, --verbose', 'each in full')
    .option('-i, --indicate-current', 'mark where the database is')
    .option('--json', 'for scripts')
    .action(async ({ revRange, branch, verbose = false, indicateCurrent = false, json = false }: Options) => {
      const migrator = await open();
      const revisions = await migrator.history(revRange, { branch });
      const current = indicateCurrent ? (await migrator.current()).revisions.map(({ id }) => id) : [];
      if (json) {
        return printJson(
          revisions.map((revision) => ({
            ...revision,
            ...(indicateCurrent && { is_current: current.includes(revision.id) }),
          })),
        );
      }
      for (const revision of revisions) {
        const marks = current.includes(revision.id) ? ['(current)'] : [];
        console.log(verbose ? revisionDetails(revision) : revisionLine(revision, marks));
      }
    });
}
