import type { Finding } from '../migrator.ts';
import type { Direction, Revision } from '../script/revisions.ts';
import { isOpen, placeOf, warningLine } from './findings.ts';
import { progress } from './progress.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  sql?: boolean;
  dryRun?: boolean;
  lint?: boolean;
}

/** What `upgrade` and `downgrade` do with a target: run it, print its script, or only say what it would be. */
export function applyVerb(
  direction: Direction,
  { open, command }: VerbContext,
): (target: string, options: Options) => Promise<void> {
  return async (target, { sql = false, dryRun = false, lint = true }) => {
    const migrator = await open(progress());
    if (sql) return void process.stdout.write(await migrator.script(direction, target));
    const plan = dryRun || (lint && direction === 'upgrade') ? await migrator.plan(direction, target) : [];
    const ids = plan.map(({ id }) => id);
    // Production has no parser: there the database is the first to read.
    const findings = ids.length > 0 && (await migrator.canLint()) ? await migrator.lint(ids) : [];
    if (lint && direction === 'upgrade')
      for (const finding of findings) if (isOpen(finding)) console.error(warningLine(finding, command));
    if (dryRun) {
      return foresee(direction, plan, findings);
    }
    const steps = await migrator[direction](target);
    if (steps.length === 0)
      console.log(direction === 'upgrade' ? 'Nothing to apply: the database is up to date' : 'Nothing to revert');
  };
}

/** What would run, and what PostgreSQL would refuse of it. */
function foresee(direction: Direction, plan: readonly Revision[], findings: readonly Finding[]): void {
  for (const { id, message } of plan) console.log(`would ${direction} ${id}  ${message}`);
  const refused = findings.filter(({ severity, file }) => severity === 'error' && file.endsWith(`/${direction}.sql`));
  for (const { file, line, column, why } of refused) console.error(`error: ${placeOf({ file, line, column })}  ${why}`);
  if (refused.length > 0) process.exitCode = 1;
}
