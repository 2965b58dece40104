import type { AlterTableCmd, ColumnDef, Constraint, Node } from '@libpg-query/parser';
import { all, as, columnsIn, texts } from '../ast.ts';
import { type Catalog, type Column, change, columnOf, relationOf, withEntry } from '../catalog.ts';
import { isSerial, typeOf } from '../column-type.ts';
import { constraintName } from '../constraint-name.ts';
import { keyOf, type Relation } from '../relation.ts';

export interface AppliedCommand {
  relation: Relation;
  command: AlterTableCmd;
  isConditional: boolean;
}

type Effect = (catalog: Catalog, applied: AppliedCommand) => void;
type Effects = Partial<Record<NonNullable<AlterTableCmd['subtype']>, Effect>>;

/** What is known of a table after a command. One that may not run only takes knowledge away. */
export function applyCommand(catalog: Catalog, applied: AppliedCommand): void {
  const subtype = applied.command.subtype ?? 'AT_AddColumn';
  FORGETS[subtype]?.(catalog, applied);
  if (!applied.isConditional) LEARNS[subtype]?.(catalog, applied);
}

const FORGETS: Effects = {
  AT_DropColumn: (catalog, { relation, command }) => dropColumn(catalog, relation, command.name ?? ''),
  AT_DropConstraint: (catalog, { relation, command }) => dropConstraint(catalog, relation, command.name ?? ''),
  AT_DropNotNull: (catalog, applied) => changeColumn(catalog, applied, { is_not_null: false }),
  AT_AlterColumnType: (catalog, applied) => changeColumn(catalog, applied, { type: undefined }),
  AT_DetachPartition: (catalog, { relation, command }) =>
    detach(catalog, relation, relationOf(catalog, as(command.def, 'PartitionCmd')?.name)),
  AT_DropInherit: (catalog, { relation, command }) =>
    detach(catalog, relationOf(catalog, as(command.def, 'RangeVar')), relation),
};

const LEARNS: Effects = {
  AT_AlterColumnType: (catalog, applied) => {
    const definition = as(applied.command.def, 'ColumnDef');
    changeColumn(catalog, applied, { type: typeOf(definition?.typeName, collationOf(definition)) });
  },
  AT_SetNotNull: (catalog, applied) => changeColumn(catalog, applied, { is_not_null: true }),
  AT_AddIdentity: (catalog, applied) => changeColumn(catalog, applied, { is_not_null: true }),
  AT_AddColumn: (catalog, { relation, command }) =>
    addColumn(catalog, relation, { definition: as(command.def, 'ColumnDef'), is_sure: command.missing_ok !== true }),
  AT_AddConstraint: (catalog, { relation, command }) => addConstraint(catalog, relation, as(command.def, 'Constraint')),
  AT_ValidateConstraint: (catalog, { relation, command }) => validate(catalog, relation, command.name ?? ''),
  AT_SetLogged: (catalog, { relation }) => change(catalog, relation, () => ({ is_logged: true })),
  AT_SetUnLogged: (catalog, { relation }) => change(catalog, relation, () => ({ is_logged: false })),
  AT_SetAccessMethod: (catalog, { relation, command }) =>
    change(catalog, relation, () => ({ access_method: command.name })),
  AT_AttachPartition: (catalog, { relation, command }) => attach(catalog, relation, as(command.def, 'PartitionCmd')),
  AT_AddInherit: (catalog, { relation, command }) =>
    change(catalog, relationOf(catalog, as(command.def, 'RangeVar')), ({ children }) => ({
      children: [...children, relation],
    })),
};

function changeColumn(catalog: Catalog, { relation, command }: AppliedCommand, changed: Partial<Column>): void {
  const name = command.name ?? '';
  const column = { ...knownColumn(catalog, relation, name), ...changed };
  change(catalog, relation, ({ columns }) => ({ columns: withEntry(columns, name, column) }));
}

/** A column of a new table or a new one of an old table. */
export function addColumn(
  catalog: Catalog,
  relation: Relation,
  { definition, is_sure }: { definition: ColumnDef | undefined; is_sure: boolean },
): void {
  if (definition === undefined) return;
  const { colname = '', typeName } = definition;
  const constraints = all(definition.constraints, 'Constraint');
  const is_not_null =
    isSerial(typeName) ||
    constraints.some(({ contype = '' }) => ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'].includes(contype));
  const known = knownColumn(catalog, relation, colname);
  const added = { type: typeOf(typeName, collationOf(definition)), is_not_null, added_in: catalog.revision };
  change(catalog, relation, ({ columns }) => ({ columns: withEntry(columns, colname, is_sure ? added : known) }));
  if (is_sure) for (const constraint of constraints) addConstraint(catalog, relation, constraint, [colname]);
}

/** A constraint of a table; with its column if it stands beside one. */
export function addConstraint(
  catalog: Catalog,
  relation: Relation,
  constraint: Constraint | undefined,
  inline: readonly string[] = [],
): void {
  if (constraint === undefined) return;
  const keys = [...texts(constraint.keys), ...texts(constraint.fk_attrs)];
  const columns = keys.length > 0 ? keys : inline;
  const name = constraint.conname ?? constraintName(constraint, relation, columns).replaceAll('"', '');
  const { raw_expr, skip_validation } = constraint;
  if (constraint.contype === 'CONSTR_CHECK' && raw_expr !== undefined) {
    const check = { expression: raw_expr, is_validated: skip_validation !== true };
    change(catalog, relation, ({ checks }) => ({ checks: withEntry(checks, name, check) }));
  }
  if (constraint.contype === 'CONSTR_FOREIGN') {
    const key = {
      target: relationOf(catalog, constraint.pktable),
      columns,
      target_columns: texts(constraint.pk_attrs),
    };
    change(catalog, relation, ({ foreign_keys }) => ({ foreign_keys: withEntry(foreign_keys, name, key) }));
  }
  const isIndex = ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION'].includes(constraint.contype ?? '');
  if (isIndex) addIndex(catalog, relation, { constraint, columns, name });
  if (constraint.contype === 'CONSTR_PRIMARY') for (const key of columns) markNotNull(catalog, relation, key);
}

function addIndex(
  catalog: Catalog,
  table: Relation,
  { constraint, columns, name }: { constraint: Constraint; columns: readonly string[]; name: string },
): void {
  const old =
    constraint.indexname === undefined ? undefined : keyOf({ schema: table.schema, name: constraint.indexname });
  const known = old === undefined ? undefined : catalog.indexes.get(old);
  if (old !== undefined) catalog.indexes.delete(old);
  // An exclusion's columns may be expressions.
  const own = constraint.contype === 'CONSTR_EXCLUSION' ? [''] : columns;
  const mentioned = columnsIn([constraint.exclusions, constraint.where_clause]);
  const index = known ?? { table, columns: own, mentioned, made_in: catalog.revision };
  catalog.indexes.set(keyOf({ schema: table.schema, name }), index);
  if (constraint.contype === 'CONSTR_PRIMARY') for (const key of index.columns) markNotNull(catalog, table, key);
}

function markNotNull(catalog: Catalog, relation: Relation, name: string): void {
  if (name === '') return;
  const column = { ...knownColumn(catalog, relation, name), is_not_null: true };
  change(catalog, relation, ({ columns }) => ({ columns: withEntry(columns, name, column) }));
}

function knownColumn(catalog: Catalog, relation: Relation, name: string): Column {
  return columnOf(catalog, relation, name) ?? { is_not_null: false };
}

function collationOf(definition: ColumnDef | undefined): string | undefined {
  return texts(definition?.collClause?.collname).at(-1);
}

function dropColumn(catalog: Catalog, relation: Relation, name: string): void {
  change(catalog, relation, ({ columns, checks, foreign_keys }) => {
    const kept = [...checks].filter(([, { expression }]) => !mentions(expression, name));
    const keys = [...foreign_keys].filter(([, key]) => !key.columns.includes(name));
    return { columns: withEntry(columns, name, undefined), checks: new Map(kept), foreign_keys: new Map(keys) };
  });
  for (const [key, { table, columns, mentioned }] of catalog.indexes)
    if (keyOf(table) === keyOf(relation) && [...columns, ...mentioned].includes(name)) catalog.indexes.delete(key);
}

function mentions(expression: Node, column: string): boolean {
  return columnsIn(expression).includes(column);
}

function dropConstraint(catalog: Catalog, relation: Relation, name: string): void {
  change(catalog, relation, ({ checks, foreign_keys }) => ({
    checks: withEntry(checks, name, undefined),
    foreign_keys: withEntry(foreign_keys, name, undefined),
  }));
  catalog.indexes.delete(keyOf({ schema: relation.schema, name }));
}

function validate(catalog: Catalog, relation: Relation, name: string): void {
  change(catalog, relation, ({ checks }) => {
    const check = checks.get(name);
    return check === undefined ? {} : { checks: withEntry(checks, name, { ...check, is_validated: true }) };
  });
}

function attach(catalog: Catalog, parent: Relation, command: ReturnType<typeof as<'PartitionCmd'>>): void {
  if (command === undefined) return;
  const child = relationOf(catalog, command.name);
  change(catalog, parent, ({ children }) => ({
    children: [...children, child],
    ...(command.bound?.is_default === true && { default_partition: child }),
  }));
}

/** A partition or an heir that goes its own way. */
function detach(catalog: Catalog, parent: Relation, child: Relation): void {
  const isOther = (other: Relation): boolean => keyOf(other) !== keyOf(child);
  change(catalog, parent, ({ children, default_partition }) => ({
    children: children.filter(isOther),
    default_partition: default_partition !== undefined && isOther(default_partition) ? default_partition : undefined,
  }));
}
