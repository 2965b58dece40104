import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { MigrationError } from '../errors.ts';
import type { VerbContext } from './verb-context.ts';

/** `edit`: Alembic's `edit`. */
export function registerEdit(program: Command, { open }: VerbContext): void {
  program
    .command('edit')
    .description("open a revision's files in $VISUAL or $EDITOR")
    .argument('<revision>', 'an id or the beginning of one, or head')
    .action(async (target: string) => {
      const editor = process.env.VISUAL || process.env.EDITOR;
      if (!editor) throw new MigrationError('Set VISUAL or EDITOR to the editor that should open the files');
      const files = (await open())
        .show(target)
        .flatMap(({ path }) => [join(path, 'upgrade.sql'), join(path, 'downgrade.sql')]);
      // Such a variable may hold arguments too, so a shell reads it; the files follow as its own arguments.
      const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$@"`, editor, ...files], { stdio: 'inherit' });
      if (error !== undefined || status !== 0) throw new MigrationError(`${editor} did not end well`);
    });
}
