import type { Command } from 'commander';
import { progress } from './progress.ts';
import type { VerbContext } from './verb-context.ts';

/** `stamp`: Alembic's `stamp`. */
export function registerStamp(program: Command, { open }: VerbContext): void {
  program
    .command('stamp')
    .description('record that the database is at revisions, without running anything')
    .argument('<targets...>', 'head, heads, a revision, or base')
    .option('--purge', 'empty the version table first')
    .action(async (targets: string[], { purge = false }: { purge?: boolean }) => {
      const ids = await (await open(progress())).stamp(targets, { purge });
      console.log(`Stamped ${ids.join(', ') || 'base'}`);
    });
}
