import type { LockLevel } from './locks.ts';
import type { Rule } from './rule.ts';

/** One danger of one statement. */
export interface Finding {
  rule: string;
  severity: Rule['severity'];
  /** Empty for a file that is no revision. */
  revision: string;
  file: string;
  /** From 1, as the column is. */
  line: number;
  column: number;
  /** The statement's beginning. */
  statement: string;
  table: string;
  lock: LockLevel | undefined;
  /** What of the traffic waits for the lock. */
  blocks: string | undefined;
  why: string;
  recipe: string;
  /** The reason that the file gives for accepting it. */
  accepted: string | undefined;
}

/** A lock that a statement takes on a relation that is in use, dangerous or not. */
export interface LockedStatement {
  /** Empty for a text that is no revision. */
  revision: string;
  file: string;
  line: number;
  table: string;
  lock: LockLevel;
  blocks: string;
  statement: string;
}

/** What lint says of a script. */
export interface LintedScript {
  findings: Finding[];
  locks: LockedStatement[];
}
