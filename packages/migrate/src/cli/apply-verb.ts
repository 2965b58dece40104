import { MigrationError } from '../errors.ts';
import type { Finding, JudgedUpgrade, Migrator, RefusedText } from '../migrator.ts';
import type { Direction, Revision } from '../script/revisions.ts';
import { isOpen, placeOf, warningLine } from './findings.ts';
import { progress } from './progress.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  sql?: boolean;
  dryRun?: boolean;
  lint?: boolean;
}

const NOTHING: JudgedUpgrade = { refused: [], findings: [] };

/**
 * What `upgrade` and `downgrade` do with a target: run it, print its script, or only say what it would be. What PostgreSQL's
 * grammar refuses is an error of all three, unless lint is off or its parser is not installed, as in production.
 */
export function applyVerb(
  direction: Direction,
  { open, command }: VerbContext,
): (target: string, options: Options) => Promise<void> {
  return async (target, { sql = false, dryRun = false, lint = true }) => {
    const migrator = await open(progress());
    if (sql) return printScript(migrator, { direction, target, lint });
    const plan = dryRun || lint ? await migrator.plan(direction, target) : [];
    const { refused, findings } = lint ? await judge(migrator, direction, idsOf(plan)) : NOTHING;
    if (refused.length === 0) warn(findings, command);
    if (dryRun) return foresee(direction, plan, refused);
    refuse(refused);
    const steps = await migrator[direction](target);
    if (steps.length === 0)
      console.log(direction === 'upgrade' ? 'Nothing to apply: the database is up to date' : 'Nothing to revert');
  };
}

async function printScript(
  migrator: Migrator,
  { direction, target, lint }: { direction: Direction; target: string; lint: boolean },
): Promise<void> {
  if (lint) refuse(await migrator.refused(direction, idsOf(await migrator.scriptPlan(direction, target))));
  process.stdout.write(await migrator.script(direction, target));
}

/** A downgrade is read, and not judged. */
async function judge(migrator: Migrator, direction: Direction, ids: readonly string[]): Promise<JudgedUpgrade> {
  if (direction === 'upgrade') return migrator.judgeUpgrade(ids);
  return { refused: await migrator.refused(direction, ids), findings: [] };
}

function warn(findings: readonly Finding[], command: string): void {
  for (const finding of findings) if (isOpen(finding)) console.error(warningLine(finding, command));
}

/** What would run, and what PostgreSQL would refuse of it. */
function foresee(direction: Direction, plan: readonly Revision[], refused: readonly RefusedText[]): void {
  for (const { id, message } of plan) console.log(`would ${direction} ${id}  ${message}`);
  for (const text of refused) console.error(errorLine(text));
  if (refused.length > 0) process.exitCode = 1;
}

function refuse(refused: readonly RefusedText[]): void {
  if (refused.length === 0) return;
  throw new MigrationError(
    [
      ...refused.map(errorLine),
      "Nothing ran: PostgreSQL's grammar refuses this (--no-lint asks the server alone)",
    ].join('\n'),
  );
}

function errorLine({ message, ...place }: RefusedText): string {
  return `error: ${placeOf(place)}  ${message}`;
}

function idsOf(plan: readonly Revision[]): string[] {
  return plan.map(({ id }) => id);
}
