import type { AlterTableCmd, PartitionBoundSpec } from '@libpg-query/parser';
import { as } from '../ast.ts';
import { type Catalog, columnOf, isNew, relationOf } from '../catalog.ts';
import { columnsIn, provesBounds } from '../expressions/implies.ts';
import { keyOf, type Relation, sqlOf } from '../relation.ts';
import type { Judgement } from './scene.ts';

/** What `ATTACH PARTITION` reads. */
export function judgeAttach({ def }: AlterTableCmd, parent: Relation, catalog: Catalog): Judgement[] {
  const command = as(def, 'PartitionCmd');
  if (command?.bound === undefined) return [];
  const child = relationOf(catalog, command.name);
  const scans = isNew(catalog, child) || isProved(catalog, parent, { child, bound: command.bound }) ? [] : [child];
  const found = scans.map(
    (partition): Judgement => ({ rule: 'partition-scans', relation: parent, name: sqlOf(partition) }),
  );
  return [...found, ...judgeDefaultPartition(parent, catalog)];
}

/** A new partition may belong to rows that the default one holds: they are looked for. */
export function judgeDefaultPartition(parent: Relation, catalog: Catalog): Judgement[] {
  const partition = catalog.relations.get(keyOf(parent))?.default_partition;
  if (partition === undefined || isNew(catalog, partition)) return [];
  return [{ rule: 'partition-scans', relation: parent, name: sqlOf(partition), why: DEFAULT_IS_READ }];
}

const DEFAULT_IS_READ =
  'Every row of the default partition is read while every read and write of it waits, unless validated checks exclude the new bounds.';

function isProved(
  catalog: Catalog,
  parent: Relation,
  { child, bound }: { child: Relation; bound: PartitionBoundSpec },
): boolean {
  const whole = catalog.relations.get(keyOf(parent));
  // The bounds of a default partition are what the others leave.
  if (bound.is_default === true) return whole?.is_whole === true && whole.children.length === 0;
  const known = catalog.relations.get(keyOf(child));
  const checks = [...(known?.checks.values() ?? [])].filter(({ is_validated }) => is_validated);
  const expressions = checks.map(({ expression }) => expression);
  const key = whole?.partition_key;
  const columns = key === undefined ? columnsIn(expressions) : [key];
  return columns.some((column) =>
    provesBounds(expressions, bound, { column, is_not_null: columnOf(catalog, child, column)?.is_not_null ?? false }),
  );
}
