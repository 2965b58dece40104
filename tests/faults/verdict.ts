import { relative } from 'node:path';
import { type Proof, pathOf } from '../helpers/proofs.ts';
import type { Fault } from './page.ts';

/** What vitest's JSON reporter writes, as far as it is read here. */
export interface JsonReport {
  testResults: { name: string; assertionResults: Result[] }[];
}

interface Result {
  title: string;
  status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
  duration?: number | null;
}

type State = 'passed' | 'failed' | 'skipped' | 'not run';

/** What became of one fault, and of each test that shows it. */
export interface Verdict {
  fault: string;
  state: State;
  seconds: number;
  tests: { name: string; state: State; seconds: number }[];
}

/** Says of each fault what the run shows; a test that did not run is never a pass. */
export function judge(faults: readonly Fault[], { testResults }: JsonReport, root: string): Verdict[] {
  const results = new Map(testResults.map(({ name, assertionResults }) => [relative(root, name), assertionResults]));
  return faults.map(({ fault, tests }) => {
    const judged = tests.map((proof) => {
      const pattern = patternOf(proof);
      const all = results.get(pathOf(proof)) ?? [];
      const named = all.filter(({ title }) => pattern.test(title));
      // A file whose tools are missing has one test in place of all others, which says so.
      const found = named.length > 0 ? named : all.filter(({ title }) => title.includes('(skipped: '));
      return {
        name: `${proof.file} › ${proof.title}`,
        state: worst(found.map(({ status }) => stateOf(status))),
        seconds: found.reduce((sum, { duration }) => sum + (duration ?? 0) / 1000, 0),
      };
    });
    return {
      fault,
      state: worst(judged.map(({ state }) => state)),
      seconds: judged.reduce((sum, { seconds }) => sum + seconds, 0),
      tests: judged,
    };
  });
}

/** The table for people: a line for each fault, beneath it those for its tests. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const line = (state: string, seconds: number, text: string): string =>
    `${state.padEnd(8)}${seconds.toFixed(1).padStart(6)} s  ${text}`;
  const rows = verdicts.flatMap(({ fault, state, seconds, tests }) => [
    line(state, seconds, fault),
    ...tests.map((test) => line(` ${test.state}`, test.seconds, `  ${test.name}`)),
  ]);
  const count = (wanted: State): number => verdicts.filter(({ state }) => state === wanted).length;
  const states: State[] = ['passed', 'failed', 'skipped', 'not run'];
  const sum = states.map((state) => `${count(state)} ${state}`).join(', ');
  return [...rows, `${verdicts.length} faults: ${sum}`].join('\n');
}

/** A title as its source has it stands for what vitest makes of it: %s, $name and ${…} are any text. */
function patternOf({ title }: Proof): RegExp {
  const parts = title.split(/%[a-z]|%\.\d+s|\$\{[^}]*\}|\$\w+/);
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`, 's');
}

function stateOf(status: Result['status']): State {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}

function worst(states: readonly State[]): State {
  if (states.length === 0) return 'not run';
  return (['failed', 'not run', 'skipped'] as const).find((state) => states.includes(state)) ?? 'passed';
}
