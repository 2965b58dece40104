import type { Catalog, Known } from '../catalog.ts';
import { keyOf, type Relation } from '../relation.ts';

/** A relation gets another name: what is known of it, and what points to it, goes along. */
export function moveRelation(catalog: Catalog, from: Relation, to: Relation): void {
  const key = keyOf(from);
  const known = catalog.relations.get(key);
  catalog.relations.delete(key);
  if (known !== undefined) catalog.relations.set(keyOf(to), { ...known, relation: to });
  for (const [name, index] of catalog.indexes) {
    if (keyOf(index.table) !== key) continue;
    catalog.indexes.set(name, { ...index, table: to });
  }
  for (const [name, other] of catalog.relations)
    if (pointsTo(other, key)) catalog.relations.set(name, redirected(other, key, to));
}

function pointsTo({ foreign_keys, children }: Known, key: string): boolean {
  const targets = [...[...foreign_keys.values()].map(({ target }) => target), ...children];
  return targets.some((target) => keyOf(target) === key);
}

function redirected(known: Known, key: string, to: Relation): Known {
  const moved = (target: Relation): Relation => (keyOf(target) === key ? to : target);
  return {
    ...known,
    children: known.children.map(moved),
    foreign_keys: new Map(
      [...known.foreign_keys].map(([name, target]) => [name, { ...target, target: moved(target.target) }]),
    ),
    ...(known.default_partition !== undefined && { default_partition: moved(known.default_partition) }),
  };
}
