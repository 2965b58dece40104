import type { Command } from 'commander';
import { applyVerb } from './apply-verb.ts';
import type { VerbContext } from './verb-context.ts';

/** `upgrade`: Alembic's `upgrade`. */
export function registerUpgrade(program: Command, context: VerbContext): void {
  program
    .command('upgrade')
    .description('apply migrations')
    .argument('<target>', 'head, heads, +N, a revision; with --sql also FROM:TO')
    .option('--sql', 'print the script for psql instead, without asking a database')
    .option('--dry-run', 'print the revisions that would run, and change nothing')
    .option('--no-lint', "leave out the warnings about dangerous statements and the check by PostgreSQL's grammar")
    .action(applyVerb('upgrade', context));
}
