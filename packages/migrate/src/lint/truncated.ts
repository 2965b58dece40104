import type { TruncateStmt } from '@libpg-query/parser';
import { all } from './ast.ts';
import { type Catalog, referrersOf, relationOf } from './catalog.ts';
import { keyOf, type Relation } from './relation.ts';

/** The tables that `TRUNCATE … CASCADE` empties without naming them: those whose foreign keys point to what it empties. */
export function truncatedAlong({ relations, behavior }: TruncateStmt, catalog: Catalog): Relation[] {
  if (behavior !== 'DROP_CASCADE') return [];
  const named = all(relations, 'RangeVar').map((range) => relationOf(catalog, range));
  const seen = new Set(named.map((relation) => keyOf(relation)));
  const along: Relation[] = [];
  for (let open = named; open.length > 0; ) {
    const next = open
      .flatMap((relation) => referrersOf(catalog, relation).map((referrer) => referrer.relation))
      .filter((relation) => !seen.has(keyOf(relation)));
    open = [...new Map(next.map((relation) => [keyOf(relation), relation])).values()];
    for (const relation of open) seen.add(keyOf(relation));
    along.push(...open);
  }
  return along;
}
