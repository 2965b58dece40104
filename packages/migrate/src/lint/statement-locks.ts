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
import { type Catalog, descendantsOf, type Known, relationOf, resolve } from './catalog.ts';
import { LOCK_LEVELS, type LockLevel, strengthOf, type TakenLock } from './locks.ts';
import { keyOf, type Relation } from './relation.ts';
import { commandLock, otherLocks, reachesChildren } from './statement-locks/alter-table.ts';
import { rowLocks } from './statement-locks/rows.ts';

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
  if ('TruncateStmt' in node) return below(on('ACCESS EXCLUSIVE', ...all(node.TruncateStmt.relations, 'RangeVar')));
  if ('LockStmt' in node)
    return below(
      on(LOCK_LEVELS[(node.LockStmt.mode ?? 1) - 1] ?? 'ACCESS EXCLUSIVE', ...all(node.LockStmt.relations, 'RangeVar')),
    );
  if ('CreateTrigStmt' in node) return on('SHARE ROW EXCLUSIVE', node.CreateTrigStmt.relation);
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
    ...targets.map((target): TakenLock => ({ relation: relationOf(catalog, target), level: 'SHARE ROW EXCLUSIVE' })),
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
    { relation, level: commandLock(command, statement), reaches_children: reachesChildren(command, statement) },
    ...otherLocks(command, statement, catalog),
  ]);
}

/** An index of a partitioned table has a part on each partition; tables that only inherit have none of it. */
function ofIndex({ concurrent, relation: range }: IndexStmt, catalog: Catalog): TakenLock[] {
  const relation = relationOf(catalog, range);
  const isPartitioned = catalog.relations.get(keyOf(relation))?.partition_key !== undefined;
  const level = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  return [{ relation, level, reaches_children: isPartitioned && range?.inh === true }];
}

function levelOfRename({ renameType }: RenameStmt): LockLevel {
  return renameType === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

function ofDrop({ removeType, objects, concurrent }: DropStmt, catalog: Catalog): TakenLock[] {
  const names = all(objects, 'List').map(({ items }) => texts(items));
  switch (removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return names.flatMap((name) => {
        const relation = resolve(catalog, name);
        const targets = [...(catalog.relations.get(keyOf(relation))?.foreign_keys.values() ?? [])];
        return [relation, ...targets].map((each): TakenLock => ({ relation: each, level: 'ACCESS EXCLUSIVE' }));
      });
    case 'OBJECT_INDEX':
      return names.map((name) => ({
        relation: tableOfIndex(catalog, resolve(catalog, name)),
        level: concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      }));
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

function ofComment(
  { objtype, object }: Extract<Node, { CommentStmt: unknown }>['CommentStmt'],
  catalog: Catalog,
): TakenLock[] {
  const name = texts(as(object, 'List')?.items);
  if (objtype === 'OBJECT_COLUMN')
    return [{ relation: resolve(catalog, name.slice(0, -1)), level: 'SHARE UPDATE EXCLUSIVE' }];
  return objtype === 'OBJECT_TABLE' ? [{ relation: resolve(catalog, name), level: 'SHARE UPDATE EXCLUSIVE' }] : [];
}

/** The tables with columns of the domain, as far as they are known. */
function ofDomain({ typeName, subtype, def }: AlterDomainStmt, catalog: Catalog): TakenLock[] {
  const isRead =
    subtype === 'V' || subtype === 'O' || (subtype === 'C' && as(def, 'Constraint')?.skip_validation !== true);
  if (!isRead) return [];
  const domain = keyOf(resolve(catalog, texts(typeName)));
  const has = ({ columns }: Known): boolean =>
    [...columns.values()].some(
      ({ type }) => type !== undefined && keyOf(resolve(catalog, type.name.split('.'))) === domain,
    );
  return [...catalog.relations.values()].filter(has).map(({ relation }) => ({ relation, level: 'SHARE' }));
}
