import type { Direction } from '../script/revisions.ts';
import { warningLine } from './findings.ts';
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
    if (lint && direction === 'upgrade')
      for (const finding of await migrator.lint(plan.map(({ id }) => id)))
        if (finding.severity === 'danger' && finding.accepted === undefined)
          console.error(warningLine(finding, command));
    if (dryRun) {
      for (const { id, message } of plan) console.log(`would ${direction} ${id}  ${message}`);
      return;
    }
    const steps = await migrator[direction](target);
    if (steps.length === 0)
      console.log(direction === 'upgrade' ? 'Nothing to apply: the database is up to date' : 'Nothing to revert');
  };
}
