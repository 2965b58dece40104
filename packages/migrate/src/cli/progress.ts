import type { MigratorOptions } from '../migrator.ts';

/** Tells the terminal what a run does: a line for each revision with its time, and what it waits for. */
export function progress(): Required<Pick<MigratorOptions, 'onStep' | 'onWait'>> {
  return {
    onStep: ({ direction, revision, duration_ms }) =>
      console.log(`${direction} ${revision.id}  ${revision.message}  (${Math.round(duration_ms)} ms)`),
    onWait: (reason) => console.error(`waiting: ${reason}`),
  };
}
