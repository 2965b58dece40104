import type { Command } from 'commander';
import type { LockedStatement, Migrator } from '../migrator.ts';
import { findingText } from './findings.ts';
import { printJson } from './print.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  revRange?: string;
  locks?: boolean;
  json?: boolean;
}

/** `lint`: the dangers of revisions. */
export function registerLint(program: Command, { open }: VerbContext): void {
  program
    .command('lint')
    .description('name the dangers of migrations and the safe way; exit with 1 where one is not accepted')
    .argument('[revisions...]', 'only these')
    .option('-r, --rev-range <from:to>', 'only these: 3f2a:head')
    .option('--locks', 'also print which lock each statement takes and what it blocks')
    .option('--json', 'for scripts')
    .action(async (targets: string[], { revRange, locks = false, json = false }: Options) => {
      const migrator = await open();
      const named = targets.flatMap((target) => migrator.show(target));
      const revisions = named.length > 0 ? named : await migrator.history(revRange);
      const ids = revisions.map(({ id }) => id);
      const findings = await migrator.lint(ids);
      const taken = locks ? await locksIn(migrator, ids) : [];
      const unaccepted = findings.filter(({ severity, accepted }) => severity === 'danger' && accepted === undefined);
      if (unaccepted.length > 0) process.exitCode = 1;
      if (json) return printJson(locks ? { findings, locks: taken } : findings);
      for (const { revision, line, lock, table, blocks, statement } of taken)
        console.log(`${revision}:${line}  ${lock} on ${table}: blocks ${blocks}\n    ${statement}`);
      for (const finding of findings) console.log(findingText(finding));
      console.log(
        unaccepted.length === 0
          ? 'No open dangers'
          : `${unaccepted.length} open ${unaccepted.length === 1 ? 'danger' : 'dangers'}`,
      );
    });
}

async function locksIn(
  migrator: Migrator,
  ids: readonly string[],
): Promise<(LockedStatement & { revision: string })[]> {
  const each = ids.map(async (revision) => (await migrator.locks(revision)).map((lock) => ({ revision, ...lock })));
  return (await Promise.all(each)).flat();
}
