import type {
  AlterDomainStmt,
  Constraint,
  CreateStmt,
  DropStmt,
  IndexStmt,
  Node,
  RenameStmt,
  VacuumStmt,
} from '@libpg-query/parser';
import { all, as, optionOf, texts } from './ast.ts';
import {
  type Catalog,
  descendantsOf,
  isPartitioned,
  type Known,
  partitionedOver,
  referrersOf,
  relationOf,
  resolve,
} from './catalog.ts';
import type { ColumnType } from './column-type.ts';
import { LOCK_LEVELS, type LockLevel, strengthOf, type TakenLock } from './locks.ts';
import { keyOf, type Relation } from './relation.ts';
import { commandLock, otherLocks, reachesChildren, referenceLock } from './statement-locks/alter-table.ts';
import { rowLocks } from './statement-locks/rows.ts';
import { truncatedAlong } from './truncated.ts';

/** The locks of a statement, the strongest for each relation. */
export function locksOf(node: Node, catalog: Catalog): TakenLock[] {
  const taken = new Map<string, TakenLock>();
  for (const lock of everyLock(node, catalog).flatMap((each) => withChildren(each, catalog))) {
    const key = keyOf(lock.relation);
    const other = taken.get(key);
    if (other === undefined || strengthOf(lock.level) > strengthOf(other.level)) taken.set(key, lock);
  }
  return [...taken.values()];
}

function withChildren(lock: TakenLock, catalog: Catalog): TakenLock[] {
  if (lock.reaches_children !== true) return [lock];
  return [lock, ...descendantsOf(catalog, lock.relation).map((relation) => ({ ...lock, relation }))];
}

function everyLock(node: Node, catalog: Catalog): TakenLock[] {
  const on = (level: LockLevel, ...ranges: Parameters<typeof relationOf>[1][]): TakenLock[] =>
    ranges.filter((range) => range !== undefined).map((range) => ({ relation: relationOf(catalog, range), level }));
  const below = (locks: TakenLock[]): TakenLock[] => locks.map((lock) => ({ ...lock, reaches_children: true }));
  if ('CreateStmt' in node) return ofNewTable(node.CreateStmt, catalog);
  if ('AlterTableStmt' in node) return ofAlterTable(node.AlterTableStmt, catalog);
  if ('IndexStmt' in node) return ofIndex(node.IndexStmt, catalog);
  if ('DropStmt' in node) return ofDrop(node.DropStmt, catalog);
  if ('RenameStmt' in node) {
    const locks = on(levelOfRename(node.RenameStmt), node.RenameStmt.relation);
    return node.RenameStmt.renameType === 'OBJECT_COLUMN' ? below(locks) : locks;
  }
  if ('AlterObjectSchemaStmt' in node) return on('ACCESS EXCLUSIVE', node.AlterObjectSchemaStmt.relation);
  if ('AlterOwnerStmt' in node) return on('ACCESS EXCLUSIVE', node.AlterOwnerStmt.relation);
  const named = (level: LockLevel, ranges: readonly Node[] | undefined): TakenLock[] =>
    all(ranges, 'RangeVar').map((range) => ({
      relation: relationOf(catalog, range),
      level,
      reaches_children: range.inh === true,
    }));
  if ('TruncateStmt' in node)
    return [
      ...named('ACCESS EXCLUSIVE', node.TruncateStmt.relations),
      ...truncatedAlong(node.TruncateStmt, catalog).map((relation) => exclusive(relation)),
    ];
  if ('LockStmt' in node)
    return named(LOCK_LEVELS[(node.LockStmt.mode ?? 1) - 1] ?? 'ACCESS EXCLUSIVE', node.LockStmt.relations);
  if ('CreateTrigStmt' in node) return ofTrigger(node.CreateTrigStmt, catalog);
  if ('CreatePolicyStmt' in node) return on('ACCESS EXCLUSIVE', node.CreatePolicyStmt.table);
  if ('AlterPolicyStmt' in node) return on('ACCESS EXCLUSIVE', node.AlterPolicyStmt.table);
  if ('RuleStmt' in node) return on('ACCESS EXCLUSIVE', node.RuleStmt.relation);
  if ('ClusterStmt' in node) return on('ACCESS EXCLUSIVE', node.ClusterStmt.relation);
  if ('VacuumStmt' in node) return ofVacuum(node.VacuumStmt, catalog);
  if ('ReindexStmt' in node) return ofReindex(node.ReindexStmt, catalog);
  if ('ViewStmt' in node) return node.ViewStmt.replace === true ? on('ACCESS EXCLUSIVE', node.ViewStmt.view) : [];
  if ('AlterDomainStmt' in node) return ofDomain(node.AlterDomainStmt, catalog);
  if ('RefreshMatViewStmt' in node)
    return on(
      node.RefreshMatViewStmt.concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      node.RefreshMatViewStmt.relation,
    );
  if ('CreateStatsStmt' in node)
    return on('SHARE UPDATE EXCLUSIVE', ...all(node.CreateStatsStmt.relations, 'RangeVar'));
  if ('CommentStmt' in node) return ofComment(node.CommentStmt, catalog);
  return rowLocks(node, catalog);
}

function ofNewTable({ tableElts, constraints, inhRelations, partbound }: CreateStmt, catalog: Catalog): TakenLock[] {
  const inline = all(tableElts, 'ColumnDef').flatMap((column) => all(column.constraints, 'Constraint'));
  const keys: Constraint[] = [...inline, ...all(tableElts, 'Constraint'), ...all(constraints, 'Constraint')];
  const targets = keys.flatMap(({ pktable }) => pktable ?? []);
  const parents = all(inhRelations, 'RangeVar').map((parent) => relationOf(catalog, parent));
  const fallbacks =
    partbound === undefined
      ? []
      : parents.flatMap((parent) => catalog.relations.get(keyOf(parent))?.default_partition ?? []);
  return [
    ...targets.map((target) => referenceLock(catalog, target)),
    ...parents.map(
      (relation): TakenLock => ({
        relation,
        level: partbound === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      }),
    ),
    ...fallbacks.map((relation): TakenLock => ({ relation, level: 'ACCESS EXCLUSIVE' })),
  ];
}

function ofAlterTable(
  statement: Extract<Node, { AlterTableStmt: unknown }>['AlterTableStmt'],
  catalog: Catalog,
): TakenLock[] {
  const relation = relationOf(catalog, statement.relation);
  return all(statement.cmds, 'AlterTableCmd').flatMap((command) => [
    {
      relation,
      level: commandLock(command, statement),
      reaches_children: reachesChildren(command, statement, catalog),
    },
    ...otherLocks(command, statement, catalog),
  ]);
}

/** An index of a partitioned table has a part on each partition; tables that only inherit have none of it. */
function ofIndex({ concurrent, relation: range }: IndexStmt, catalog: Catalog): TakenLock[] {
  const relation = relationOf(catalog, range);
  const level = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  return [{ relation, level, reaches_children: isPartitioned(catalog, relation) && range?.inh === true }];
}

/** A trigger for each row of a partitioned table stands on each partition too. */
function ofTrigger(
  { relation: range, row }: Extract<Node, { CreateTrigStmt: unknown }>['CreateTrigStmt'],
  catalog: Catalog,
): TakenLock[] {
  const relation = relationOf(catalog, range);
  const reaches_children = row === true && isPartitioned(catalog, relation);
  return [{ relation, level: 'SHARE ROW EXCLUSIVE', reaches_children }];
}

function exclusive(relation: Relation): TakenLock {
  return { relation, level: 'ACCESS EXCLUSIVE' };
}

function levelOfRename({ renameType }: RenameStmt): LockLevel {
  return renameType === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

/** The table itself, its partitions, what it is a partition of, and the tables that its foreign keys join it with. */
function ofDroppedTable(relation: Relation, { isCascade }: { isCascade: boolean }, catalog: Catalog): TakenLock[] {
  const reaches_children = isCascade || isPartitioned(catalog, relation);
  const keys = catalog.relations.get(keyOf(relation))?.foreign_keys.values() ?? [];
  const others = [
    ...[...keys].map(({ target }) => target),
    ...partitionedOver(catalog, relation),
    ...(isCascade ? referrersOf(catalog, relation).map((referrer) => referrer.relation) : []),
  ];
  return [{ ...exclusive(relation), reaches_children }, ...others.map(exclusive)];
}

function ofDrop({ removeType, objects, concurrent, behavior }: DropStmt, catalog: Catalog): TakenLock[] {
  const names = all(objects, 'List').map(({ items }) => texts(items));
  switch (removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return names.flatMap((name) =>
        ofDroppedTable(resolve(catalog, name), { isCascade: behavior === 'DROP_CASCADE' }, catalog),
      );
    case 'OBJECT_INDEX':
      return names.map((name) => {
        const relation = tableOfIndex(catalog, resolve(catalog, name));
        const level = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
        return { relation, level, reaches_children: isPartitioned(catalog, relation) };
      });
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return names.map((name) => ({ relation: resolve(catalog, name.slice(0, -1)), level: 'ACCESS EXCLUSIVE' }));
    default:
      return [];
  }
}

/** The index's table, or the index itself if that is not known. */
function tableOfIndex(catalog: Catalog, index: Relation): Relation {
  return catalog.indexes.get(keyOf(index))?.table ?? index;
}

function ofVacuum({ options, rels }: VacuumStmt, catalog: Catalog): TakenLock[] {
  const level = optionOf(options, 'full') === true ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
  return all(rels, 'VacuumRelation').flatMap(({ relation }) =>
    relation === undefined ? [] : [{ relation: relationOf(catalog, relation), level }],
  );
}

function ofReindex(
  { kind, relation, params }: Extract<Node, { ReindexStmt: unknown }>['ReindexStmt'],
  catalog: Catalog,
): TakenLock[] {
  if (relation === undefined) return [];
  const named = relationOf(catalog, relation);
  const level = optionOf(params, 'concurrently') === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  return [{ relation: kind === 'REINDEX_OBJECT_INDEX' ? tableOfIndex(catalog, named) : named, level }];
}

const COMMENTED = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE']);

function ofComment(
  { objtype, object }: Extract<Node, { CommentStmt: unknown }>['CommentStmt'],
  catalog: Catalog,
): TakenLock[] {
  const name = texts(as(object, 'List')?.items);
  if (objtype === 'OBJECT_COLUMN')
    return [{ relation: resolve(catalog, name.slice(0, -1)), level: 'SHARE UPDATE EXCLUSIVE' }];
  const isRelation = objtype !== undefined && COMMENTED.has(objtype);
  return isRelation ? [{ relation: resolve(catalog, name), level: 'SHARE UPDATE EXCLUSIVE' }] : [];
}

/** The tables with columns of the domain, as far as they are known. */
function ofDomain({ typeName, subtype, def }: AlterDomainStmt, catalog: Catalog): TakenLock[] {
  const isRead =
    subtype === 'V' || subtype === 'O' || (subtype === 'C' && as(def, 'Constraint')?.skip_validation !== true);
  if (!isRead) return [];
  const domain = keyOf(resolve(catalog, texts(typeName)));
  // A domain may be made over another one.
  const isOver = (type: ColumnType | undefined): boolean => {
    if (type === undefined) return false;
    const key = keyOf(resolve(catalog, type.name.split('.')));
    return key === domain || isOver(catalog.types.get(key)?.domain?.base);
  };
  const has = ({ columns }: Known): boolean => [...columns.values()].some(({ type }) => isOver(type));
  return [...catalog.relations.values()].filter(has).map(({ relation }) => ({ relation, level: 'SHARE' }));
}
