import type { Command } from 'commander';
import type { VerbContext } from './verb-context.ts';

/** `merge`: Alembic's `merge`. */
export function registerMerge(program: Command, { open }: VerbContext): void {
  program
    .command('merge')
    .description('write a revision that joins branches')
    .argument('<revisions...>', 'the heads to join, or heads for all')
    .requiredOption('-m, --message <text>', 'why they meet')
    .option('--prefer <revision>', 'whose state counts where both changed the same thing')
    .action(async (targets: string[], options: { message: string; prefer?: string }) => {
      const { path } = await (await open()).merge(targets, options);
      console.log(`Wrote ${path}`);
    });
}
