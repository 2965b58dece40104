import type { Failure, RunReport } from './runner.ts';
import { toCommand } from './wire-format.ts';

const MAX_STEPS_SHOWN = 5;
const MAX_COMPLAINTS_SHOWN = 8;

/** A failure for people: what is wrong, which request does it, and how to see it again. */
export function formatFailure(
  { seed, path, steps, complaints }: Failure,
  target: { port: number; tokens: Readonly<Record<string, string>>; batch: number },
): string {
  const sentences = complaints.slice(0, MAX_COMPLAINTS_SHOWN).map(({ step, sentence }) => {
    const request =
      step?.kind === 'http' ? `${step.method} ${step.target.slice(0, 200)} as ${step.caller.name}` : step?.name;
    return `  ${request === undefined ? '' : `${request}: `}${sentence}`;
  });
  const commands = steps.slice(0, MAX_STEPS_SHOWN).map((step) => `  ${toCommand(step, target)}`);
  return [
    'FAILED',
    ...sentences,
    ...(commands.length > 0 ? [`The batch, cut down to ${steps.length}:`, ...commands] : []),
    // The longest batch is part of what the seed means.
    `Replay: npm run test:fuzz -- --batch ${target.batch} --seed ${seed}${path === undefined ? '' : ` --path ${path}`}`,
  ].join('\n');
}

/** How many answers of which status each operation gave. */
export function formatAnswers({ answers }: RunReport): string {
  const names = [...answers.keys()].sort();
  const width = Math.max(...names.map((name) => name.length));
  return names
    .map((name) => {
      const statuses = [...(answers.get(name) ?? [])].sort(([one], [other]) => one - other);
      const cells = statuses.map(([status, count]) => `${status === 0 ? 'closed' : status}: ${count}`);
      return `${name.padEnd(width)}  ${cells.join('  ')}`;
    })
    .join('\n');
}
