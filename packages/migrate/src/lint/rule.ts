/** A danger and the way around it. */
export interface Rule {
  /** `error` and `danger` make `lint` fail, a danger unless it is accepted; a `notice` only says so. */
  severity: 'error' | 'danger' | 'notice';
  /** In one sentence: what happens to those who use the table. */
  why: string;
  /** Statements that do the same safely; `{table}`, `{column}` and `{name}` are filled in. */
  recipe: string;
  /** Also if the relation was made in the same revision, so that no code uses it yet. */
  on_new_relations?: true;
}

/** Keeps the names of the rules as they are written. */
export function rules<Name extends string>(declared: Readonly<Record<Name, Rule>>): Readonly<Record<Name, Rule>> {
  return declared;
}
