import type { Command } from 'commander';
import { applyVerb } from './apply-verb.ts';
import type { VerbContext } from './verb-context.ts';

/** `downgrade`: Alembic's `downgrade`. */
export function registerDowngrade(program: Command, context: VerbContext): void {
  program
    .command('downgrade')
    .description('revert migrations')
    .argument('<target>', '-N, a revision that stays, or base; with --sql FROM:TO')
    .option('--sql', 'print the script for psql instead, without asking a database')
    .option('--dry-run', 'print the revisions that would run, and change nothing')
    .option('--no-lint', "leave out the check by PostgreSQL's grammar")
    // `-1` is a target here, not an option.
    .allowUnknownOption()
    .action(applyVerb('downgrade', context));
}
