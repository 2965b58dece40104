import { rules } from '../rule.ts';

/** Dangers of what cannot be read. */
export const textRules = rules({
  'syntax-error': {
    severity: 'error',
    why: 'PostgreSQL refuses the text.',
    recipe: 'Mend it.',
    on_new_relations: true,
  },
  'cannot-see': {
    severity: 'danger',
    why: 'The text that runs exists only at run time: neither lint nor a reader can judge it before.',
    recipe:
      '-- write the statement itself, or build its text from constants with quote_ident() or format() and %I, %L alone',
    on_new_relations: true,
  },
});
