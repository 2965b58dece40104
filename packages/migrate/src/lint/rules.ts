import { constraintRules } from './constraint-rules.ts';
import { dataRules } from './data-rules.ts';
import { indexRules } from './index-rules.ts';
import { rewriteRules } from './rewrite-rules.ts';
import type { Rule } from './rule.ts';

/** Every rule about a single operation. */
export const RULES: readonly Rule[] = [...indexRules, ...constraintRules, ...rewriteRules, ...dataRules];
