import type { Constraint } from '@libpg-query/parser';
import { quoted, type Relation } from './relation.ts';

/** The name that it has, or that PostgreSQL gives it, as SQL needs it. */
export function constraintName(
  { conname, contype }: Constraint,
  { name }: Relation,
  columns: readonly string[],
): string {
  if (conname !== undefined) return quoted(conname);
  const endings: Partial<Record<NonNullable<Constraint['contype']>, string>> = {
    CONSTR_CHECK: 'check',
    CONSTR_FOREIGN: 'fkey',
    CONSTR_UNIQUE: 'key',
    CONSTR_EXCLUSION: 'excl',
  };
  if (contype === 'CONSTR_PRIMARY') return quoted(`${name}_pkey`);
  return quoted(
    [name, ...columns.map((column) => column.replaceAll('"', '')), endings[contype ?? 'CONSTR_CHECK'] ?? 'key'].join(
      '_',
    ),
  );
}
