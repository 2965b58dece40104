import type { Operation } from './operations.ts';

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

/** In this order; the first that fits counts. What changes a table and is not listed takes the strongest. */
const LEVELS: readonly [pattern: RegExp, level: LockLevel | undefined][] = [
  [/^(CREATE (UNIQUE )?|DROP |REINDEX )INDEX CONCURRENTLY\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^REINDEX TABLE CONCURRENTLY\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^CREATE (UNIQUE )?INDEX\b/, 'SHARE'],
  [/^REINDEX\b/, 'SHARE'],
  [/^CREATE .*\bTRIGGER\b/, 'SHARE ROW EXCLUSIVE'],
  [/^ALTER TABLE VALIDATE CONSTRAINT\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^ALTER TABLE (ALTER (COLUMN )?\S+ )?(SET STATISTICS|SET \( (?!.*USER_CATALOG)|RESET \()/, 'SHARE UPDATE EXCLUSIVE'],
  [/^ALTER TABLE (CLUSTER ON|SET WITHOUT CLUSTER)\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^ALTER TABLE (ATTACH PARTITION|DETACH PARTITION .* CONCURRENTLY)\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^ALTER TABLE ADD (CONSTRAINT \S+ )?FOREIGN KEY\b/, 'SHARE ROW EXCLUSIVE'],
  [/^ALTER TABLE (ENABLE|DISABLE) (REPLICA |ALWAYS )?TRIGGER\b/, 'SHARE ROW EXCLUSIVE'],
  [/^ALTER INDEX .*\bRENAME\b/, 'SHARE UPDATE EXCLUSIVE'],
  [/^REFRESH MATERIALIZED VIEW CONCURRENTLY\b/, 'EXCLUSIVE'],
  [/^LOCK TABLE\b.* IN ACCESS SHARE MODE/, 'ACCESS SHARE'],
  [/^(INSERT|UPDATE|DELETE)\b/, 'ROW EXCLUSIVE'],
  [/^(ALTER|DROP|TRUNCATE|CLUSTER|VACUUM FULL|REFRESH|LOCK|CREATE POLICY)\b/, 'ACCESS EXCLUSIVE'],
];

/** The lock that an operation takes on its table; `undefined` where it is about none that traffic uses. */
export function lockOf({ words, table }: Pick<Operation, 'words' | 'table'>): LockLevel | undefined {
  if (table === '' || /^CREATE (?!.*\b(INDEX|TRIGGER|POLICY)\b)/.test(words)) return undefined;
  return LEVELS.find(([pattern]) => pattern.test(words))?.[1];
}
