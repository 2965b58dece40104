import type { Relation } from './relation.ts';

/** PostgreSQL's table locks, weakest first. */
export const LOCK_LEVELS = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockLevel = (typeof LOCK_LEVELS)[number];

/** What of the application's traffic on the table has to wait while a lock is held. */
export const BLOCKS: Readonly<Record<LockLevel, string>> = {
  'ACCESS SHARE': 'nothing',
  'ROW SHARE': 'nothing',
  'ROW EXCLUSIVE': 'nothing but the same rows',
  'SHARE UPDATE EXCLUSIVE': 'nothing but other changes of the schema, and vacuum',
  SHARE: 'every write',
  'SHARE ROW EXCLUSIVE': 'every write',
  EXCLUSIVE: 'every write, and SELECT … FOR UPDATE',
  'ACCESS EXCLUSIVE': 'every read and every write',
};

/** A lock that a statement takes on a relation that was there before it. */
export interface TakenLock {
  relation: Relation;
  level: LockLevel;
  /** The tables below it are locked too. */
  reaches_children?: boolean;
}

/** How strong a lock is: its place in the list. */
export function strengthOf(level: LockLevel): number {
  return LOCK_LEVELS.indexOf(level);
}

/** From this strength on writes wait. */
export const BLOCKS_WRITES = LOCK_LEVELS.indexOf('SHARE');
