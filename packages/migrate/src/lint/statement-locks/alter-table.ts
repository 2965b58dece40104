import type { AlterTableCmd, AlterTableStmt, RangeVar } from '@libpg-query/parser';
import { all, as } from '../ast.ts';
import { type Catalog, isPartitioned, referrersOf, relationOf } from '../catalog.ts';
import type { LockLevel, TakenLock } from '../locks.ts';
import { keyOf, type Relation } from '../relation.ts';

const LEVELS: Partial<Record<NonNullable<AlterTableCmd['subtype']>, LockLevel>> = {
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};
const IS_WEAK_OPTION =
  /^(?:fillfactor|toast_tuple_target|parallel_workers|vacuum_|autovacuum_|log_autovacuum|toast\.|deduplicate_items|buffering|fastupdate|gin_|pages_per_range|autosummarize)/;

/** The lock that one command of `ALTER TABLE` needs; the statement takes the strongest of its commands. */
export function commandLock({ subtype, def }: AlterTableCmd, { objtype }: Pick<AlterTableStmt, 'objtype'>): LockLevel {
  if (subtype === 'AT_AddConstraint' && as(def, 'Constraint')?.contype === 'CONSTR_FOREIGN')
    return 'SHARE ROW EXCLUSIVE';
  if (subtype === 'AT_DetachPartition' && as(def, 'PartitionCmd')?.concurrent === true) return 'SHARE UPDATE EXCLUSIVE';
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') {
    const names = all(as(def, 'List')?.items, 'DefElem').map(({ defname = '' }) => defname);
    const isWeak = objtype !== 'OBJECT_VIEW' && names.every((name) => IS_WEAK_OPTION.test(name));
    return isWeak ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  }
  return LEVELS[subtype ?? 'AT_AddColumn'] ?? 'ACCESS EXCLUSIVE';
}

const RECURSIVE = new Set<AlterTableCmd['subtype']>([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_AddConstraint',
  'AT_DropConstraint',
  'AT_ValidateConstraint',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_ColumnDefault',
  'AT_SetExpression',
  'AT_DropExpression',
]);

/** True if a command changes the tables below its table too. */
export function reachesChildren(
  { subtype, def, name = '' }: AlterTableCmd,
  { relation }: AlterTableStmt,
  catalog: Catalog,
): boolean {
  if (relation?.inh !== true || !RECURSIVE.has(subtype)) return false;
  const table = relationOf(catalog, relation);
  const constraint = as(def, 'Constraint');
  if (constraint?.is_no_inherit === true) return false;
  // Tables that only inherit have no part of a key; partitions have.
  const isKey = subtype === 'AT_DropConstraint' && catalog.indexes.has(keyOf({ schema: table.schema, name }));
  return isPartitioned(catalog, table) || !(isKey || constraint?.contype === 'CONSTR_FOREIGN');
}

/** The lock of a foreign key on the table that it points to, and on the partitions of that. */
export function referenceLock(catalog: Catalog, range: RangeVar | undefined): TakenLock {
  const relation = relationOf(catalog, range);
  return { relation, level: 'SHARE ROW EXCLUSIVE', reaches_children: isPartitioned(catalog, relation) };
}

/** The tables at the other ends of the foreign keys that a column is part of. */
function acrossKeys(catalog: Catalog, relation: Relation, column: string): TakenLock[] {
  const own = [...(catalog.relations.get(keyOf(relation))?.foreign_keys.values() ?? [])];
  const targets = own.filter(({ columns }) => columns.includes(column)).map(({ target }) => target);
  const primary = catalog.indexes.get(keyOf({ schema: relation.schema, name: `${relation.name}_pkey` }))?.columns ?? [];
  const referrers = referrersOf(catalog, relation)
    .filter(({ key }) => (key.target_columns.length > 0 ? key.target_columns : primary).includes(column))
    .map((referrer) => referrer.relation);
  return [...targets, ...referrers].map((other) => ({ relation: other, level: 'ACCESS EXCLUSIVE' }));
}

/** The locks on the other relations that a command names or touches. */
export function otherLocks(command: AlterTableCmd, statement: AlterTableStmt, catalog: Catalog): TakenLock[] {
  const { subtype, def, name = '' } = command;
  const table = relationOf(catalog, statement.relation);
  const own = catalog.relations.get(keyOf(table));
  switch (subtype) {
    case 'AT_AddColumn':
    case 'AT_AddConstraint': {
      const constraint = as(def, 'Constraint');
      const constraints =
        constraint === undefined ? all(as(def, 'ColumnDef')?.constraints, 'Constraint') : [constraint];
      return constraints
        .filter(({ pktable }) => pktable !== undefined)
        .map(({ pktable }) => referenceLock(catalog, pktable));
    }
    case 'AT_DropConstraint': {
      const target = own?.foreign_keys.get(name)?.target;
      const isKey = catalog.indexes.has(keyOf({ schema: table.schema, name }));
      const referrers =
        isKey && command.behavior === 'DROP_CASCADE' ? referrersOf(catalog, table).map(({ relation }) => relation) : [];
      return [...(target === undefined ? [] : [target]), ...referrers].map((relation) => ({
        relation,
        level: 'ACCESS EXCLUSIVE',
      }));
    }
    case 'AT_DropColumn':
    case 'AT_AlterColumnType':
      return acrossKeys(catalog, table, name);
    case 'AT_ValidateConstraint': {
      const target = own?.foreign_keys.get(name)?.target;
      return target === undefined ? [] : [{ relation: target, level: 'ROW SHARE' }];
    }
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize': {
      const child: TakenLock = {
        relation: relationOf(catalog, as(def, 'PartitionCmd')?.name),
        level: 'ACCESS EXCLUSIVE',
      };
      const fallback = own?.default_partition;
      return fallback === undefined ? [child] : [child, { relation: fallback, level: 'ACCESS EXCLUSIVE' }];
    }
    case 'AT_AddInherit':
      return [{ relation: relationOf(catalog, as(def, 'RangeVar')), level: 'SHARE UPDATE EXCLUSIVE' }];
    default:
      return [];
  }
}
