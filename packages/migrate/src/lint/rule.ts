import type { Operation } from './operations.ts';

/** What a rule knows beside the operation itself. */
export interface RuleContext {
  /** Operations of the same direction that come before this one. */
  earlier: readonly Operation[];
  /** Those that come after it. */
  later: readonly Operation[];
  /** Every operation of the revisions that this one builds on. */
  applied: () => readonly Operation[];
  /** The column's type before the revision, where a snapshot knows it. */
  typeBefore: (table: string, column: string) => string | undefined;
}

/** A danger, how to see it, and the way around it. */
export interface Rule {
  name: string;
  /** `danger` makes `lint` fail unless it is accepted; a `notice` only says so. */
  severity: 'danger' | 'notice';
  /** In one sentence: what happens to those who use the table. */
  why: string;
  /** Statements that do the same safely; `{table}`, `{column}` and `{name}` are filled in. */
  recipe: string;
  /** The parts of the recipe to fill in, where the operation is dangerous; `undefined` where it is not. */
  find: (operation: Operation, context: RuleContext) => Partial<Record<'column' | 'name', string>> | undefined;
  /** Also where the table was made in the same revision, so that nobody uses it yet. */
  on_new_tables?: true;
}
