import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

interface Options {
  message: string;
  autogenerate?: boolean;
  renamed: { from: string; to: string }[];
  created: string[];
}

/** `back revision`: Alembic's `revision`. */
export function registerRevision(program: Command): void {
  program
    .command('revision')
    .description('write a new revision')
    .requiredOption('-m, --message <text>', 'what changes and why now')
    .option('--autogenerate', 'fill it with the difference between the models and the last revision')
    .option('--renamed <old:new>', 'a table or table.column with a new name; may be repeated', collectRename, [])
    .option(
      '--created <name>',
      'a table or table.column that is really new; may be repeated',
      (name, all: string[]) => [...all, name],
      [],
    )
    .action(async ({ message, autogenerate = false, renamed, created }: Options) => {
      const written = await projectMigrator().revision({ message, autogenerate, answers: { renamed, created } });
      console.log(
        written === undefined ? 'Nothing changed in the models: no revision written' : `Wrote ${written.path}`,
      );
    });
}

function collectRename(text: string, all: { from: string; to: string }[]): { from: string; to: string }[] {
  const [from = '', to = ''] = text.split(':');
  if (from === '' || to === '') throw new Error(`--renamed ${text}: write it as OLD:NEW`);
  const table = from.includes('.') && !to.includes('.') ? `${from.slice(0, from.lastIndexOf('.'))}.` : '';
  return [...all, { from, to: table + to }];
}
