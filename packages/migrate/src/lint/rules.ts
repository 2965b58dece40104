import type { Rule } from './rule.ts';
import { constraintRules } from './rules/constraints.ts';
import { dataRules } from './rules/data.ts';
import { indexRules } from './rules/indexes.ts';
import { rewriteRules } from './rules/rewrites.ts';
import { textRules } from './rules/texts.ts';

/** Every rule about a statement. */
export const RULES = { ...textRules, ...indexRules, ...constraintRules, ...rewriteRules, ...dataRules };

export type RuleName = keyof typeof RULES;

/** The rule of a name; `undefined` if there is none. */
export function findRule(name: string): Rule | undefined {
  return Object.entries(RULES).find(([each]) => each === name)?.[1];
}
