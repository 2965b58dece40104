import type { Node, RenameStmt } from '@libpg-query/parser';
import { as, texts, walk } from '../ast.ts';
import { type Catalog, change, type KnownForeignKey, relationOf } from '../catalog.ts';
import { keyOf, type Relation } from '../relation.ts';
import { moveRelation } from './move.ts';

/** What is known after a new name. */
export function rename(
  { renameType, relation: range, subname = '', newname = '' }: RenameStmt,
  catalog: Catalog,
): void {
  const relation = relationOf(catalog, range);
  if (renameType === 'OBJECT_TABLE' || renameType === 'OBJECT_VIEW' || renameType === 'OBJECT_MATVIEW')
    moveRelation(catalog, relation, { ...relation, name: newname });
  if (renameType === 'OBJECT_COLUMN') renameColumn(catalog, relation, { from: subname, to: newname });
  if (renameType === 'OBJECT_TABCONSTRAINT')
    change(catalog, relation, ({ checks, foreign_keys }) => ({
      checks: renamedKey(checks, subname, newname),
      foreign_keys: renamedKey(foreign_keys, subname, newname),
    }));
  if (renameType === 'OBJECT_INDEX') renameIndex(catalog, relation, newname);
  // The index of a key has the name of its constraint.
  if (renameType === 'OBJECT_TABCONSTRAINT') renameIndex(catalog, { ...relation, name: subname }, newname);
}

interface NewName {
  from: string;
  to: string;
}

function renameColumn(catalog: Catalog, relation: Relation, { from, to }: NewName): void {
  const renamed = (name: string): string => (name === from ? to : name);
  change(catalog, relation, ({ columns, checks, foreign_keys, partition_key }) => ({
    columns: renamedKey(columns, from, to),
    checks: new Map(
      [...checks].map(([name, check]) => [name, { ...check, expression: withColumn(check.expression, { from, to }) }]),
    ),
    foreign_keys: new Map(
      [...foreign_keys].map(([name, key]) => [name, { ...key, columns: key.columns.map(renamed) }]),
    ),
    ...(partition_key !== undefined && { partition_key: renamed(partition_key) }),
  }));
  const isOwn = (table: Relation): boolean => keyOf(table) === keyOf(relation);
  for (const [key, index] of catalog.indexes) {
    if (!isOwn(index.table)) continue;
    const { columns, mentioned } = index;
    catalog.indexes.set(key, { ...index, columns: columns.map(renamed), mentioned: mentioned.map(renamed) });
  }
  const follow = (key: KnownForeignKey): KnownForeignKey =>
    isOwn(key.target) ? { ...key, target_columns: key.target_columns.map(renamed) } : key;
  for (const [name, known] of catalog.relations) {
    if (![...known.foreign_keys.values()].some(({ target }) => isOwn(target))) continue;
    const keys = [...known.foreign_keys].map(([constraint, key]) => [constraint, follow(key)] as const);
    catalog.relations.set(name, { ...known, foreign_keys: new Map(keys) });
  }
}

/** The expression with a column's new name. */
function withColumn(expression: Node, { from, to }: NewName): Node {
  const copy = structuredClone(expression);
  walk(copy, (node) => {
    const fields = as(node, 'ColumnRef')?.fields ?? [];
    const last = as(fields.at(-1), 'String');
    if (last !== undefined && texts(fields).at(-1) === from) last.sval = to;
    return undefined;
  });
  return copy;
}

function renamedKey<Value>(map: ReadonlyMap<string, Value>, from: string, to: string): Map<string, Value> {
  return new Map([...map].map(([name, value]) => [name === from ? to : name, value]));
}

function renameIndex(catalog: Catalog, index: Relation, name: string): void {
  const known = catalog.indexes.get(keyOf(index));
  if (known === undefined) return;
  catalog.indexes.delete(keyOf(index));
  catalog.indexes.set(keyOf({ ...index, name }), known);
}
