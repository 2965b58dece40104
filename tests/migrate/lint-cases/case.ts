/** A statement and the findings that are right for it; `n.a` is known as `numeric(10,2)` from the snapshot. */
export interface LintCase {
  /** What an earlier revision did. */
  earlier?: string;
  sql: string;
  expected: readonly string[];
}
