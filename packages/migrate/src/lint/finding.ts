import type { LockLevel } from './locks.ts';
import type { Rule } from './rule.ts';

/** One danger of one statement. */
export interface Finding {
  rule: string;
  severity: Rule['severity'];
  revision: string;
  file: string;
  line: number;
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
