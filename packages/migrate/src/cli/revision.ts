import type { Command } from 'commander';
import { MigrationError } from '../errors.ts';
import type { RevisionRequest } from '../migrator.ts';
import { findingText } from './findings.ts';
import { askForOldName } from './old-name.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  message: string;
  autogenerate?: boolean;
  fromDatabase?: boolean;
  empty?: boolean;
  rename: { from: string; to: string }[];
  create: string[];
  head?: string;
  splice?: boolean;
  branchLabel: string[];
  dependsOn?: string[];
  revId?: string;
}

/** `revision`: Alembic's `revision`. */
export function registerRevision(program: Command, { open }: VerbContext): void {
  program
    .command('revision')
    .description('write a new revision')
    .requiredOption('-m, --message <text>', 'what changes and why now')
    .option('--autogenerate', 'fill it with the difference between the models and the last revision')
    .option('--from-database', 'with --autogenerate: fill the first revision with what the live database has')
    .option('--empty', 'with --autogenerate: write it although nothing changed')
    .option(
      '--rename <old:new>',
      'a name that changed: TABLE:TABLE, TABLE.COLUMN:COLUMN, ENUM.VALUE:VALUE; repeatable',
      collectRename,
      [],
    )
    .option('--create <name>', 'a name that is really new where another one vanished; repeatable', collect, [])
    .option('--head <revision>', 'the revision to follow: a head, LABEL@head, or base for none')
    .option('--splice', 'allow --head to name a revision that others follow already')
    .option('--branch-label <label>', 'a name for the branch that begins here; repeatable', collect, [])
    .option(
      '--depends-on <revision>',
      'a revision of another branch that it needs, instead of their heads; repeatable',
      collect,
    )
    .option('--rev-id <id>', 'its id, instead of a random one')
    .action(async (options: Options) => {
      const migrator = await open();
      const written = await migrator.revision(requestOf(options));
      if (written === undefined) return console.log('Nothing changed in the models: no revision written');
      console.log(`Wrote ${written.path}`);
      for (const what of written.leftOut ?? []) console.error(`not written: ${what}`);
      if (!(await migrator.canLint())) return;
      for (const finding of await migrator.lint([written.id])) console.error(findingText(finding));
    });
}

function requestOf({
  rename,
  create,
  branchLabel,
  revId,
  fromDatabase,
  autogenerate,
  dependsOn,
  ...options
}: Options): RevisionRequest {
  if (fromDatabase && !autogenerate) throw new MigrationError('--from-database goes with --autogenerate');
  const ask = process.stdin.isTTY && process.stdout.isTTY ? askForOldName : undefined;
  return {
    ...options,
    autogenerate: autogenerate ?? false,
    from_database: fromDatabase ?? false,
    answers: { renamed: rename, created: create, ask },
    branch_labels: branchLabel,
    ...(dependsOn !== undefined && { depends_on: dependsOn }),
    ...(revId !== undefined && { rev_id: revId }),
  };
}

function collect(text: string, all: string[] = []): string[] {
  return [...all, text];
}

function collectRename(text: string, all: { from: string; to: string }[]): { from: string; to: string }[] {
  const [from = '', to = '', ...rest] = text.split(':');
  if (from === '' || to === '' || rest.length > 0) throw new MigrationError(`--rename ${text}: write it as OLD:NEW`);
  return [...all, { from, to }];
}
