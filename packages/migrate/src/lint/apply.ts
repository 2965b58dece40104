import type {
  AlterDomainStmt,
  AlterObjectSchemaStmt,
  CreateDomainStmt,
  CreateFunctionStmt,
  CreateStmt,
  DropStmt,
  IndexStmt,
  Node,
  RangeVar,
  VariableSetStmt,
} from '@libpg-query/parser';
import { addColumn, addConstraint } from './apply/alter-table.ts';
import { moveRelation } from './apply/move.ts';
import { rename } from './apply/rename.ts';
import { all, as, columnsIn, texts } from './ast.ts';
import { type Catalog, change, type Known, relationOf, resolve } from './catalog.ts';
import { typeOf } from './column-type.ts';
import { literalOf } from './expressions/constant.ts';
import { keyOf, type Relation } from './relation.ts';

/** What is known of the schema after a statement; `ALTER TABLE` does that itself, command by command. */
export function apply(node: Node, catalog: Catalog, source: string): void {
  if ('CreateStmt' in node) createTable(node.CreateStmt, catalog);
  else if ('CreateForeignTableStmt' in node) createTable(node.CreateForeignTableStmt.base, catalog);
  else if ('CreateTableAsStmt' in node) {
    const { into, objtype, if_not_exists } = node.CreateTableAsStmt;
    const kind = objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table';
    create(catalog, { range: into?.rel, kind, is_sure: if_not_exists !== true });
  } else if ('SelectStmt' in node)
    create(catalog, { range: node.SelectStmt.intoClause?.rel, kind: 'table', is_sure: true });
  else if ('ViewStmt' in node)
    create(catalog, { range: node.ViewStmt.view, kind: 'view', is_sure: node.ViewStmt.replace !== true });
  else if ('CreateSeqStmt' in node)
    create(catalog, {
      range: node.CreateSeqStmt.sequence,
      kind: 'sequence',
      is_sure: node.CreateSeqStmt.if_not_exists !== true,
    });
  else if ('IndexStmt' in node) createIndex(node.IndexStmt, catalog);
  else if ('DropStmt' in node) drop(node.DropStmt, catalog);
  else if ('RenameStmt' in node) rename(node.RenameStmt, catalog);
  else if ('AlterObjectSchemaStmt' in node) setSchema(node.AlterObjectSchemaStmt, catalog);
  else if ('CreateSchemaStmt' in node) createSchema(node.CreateSchemaStmt, catalog, source);
  else if ('CreateEnumStmt' in node) createType(catalog, texts(node.CreateEnumStmt.typeName));
  else if ('CompositeTypeStmt' in node) createType(catalog, namesOf(node.CompositeTypeStmt.typevar));
  else if ('CreateDomainStmt' in node) createDomain(node.CreateDomainStmt, catalog);
  else if ('AlterDomainStmt' in node) alterDomain(node.AlterDomainStmt, catalog);
  else if ('CreateFunctionStmt' in node) createFunction(node.CreateFunctionStmt, catalog, source);
  else if ('VariableSetStmt' in node) setVariable(node.VariableSetStmt, catalog);
}

function create(
  catalog: Catalog,
  { range, kind, is_sure }: { range: RangeVar | undefined; kind: Known['kind']; is_sure: boolean },
): Relation | undefined {
  if (range === undefined) return undefined;
  const relation =
    range.relpersistence === 't' ? { schema: 'pg_temp', name: range.relname ?? '' } : relationOf(catalog, range);
  // It may have been there before, with rows.
  if (!is_sure) {
    if (!catalog.relations.has(keyOf(relation))) change(catalog, relation, () => ({ kind }));
    return undefined;
  }
  catalog.relations.set(keyOf(relation), {
    relation,
    kind,
    made_in: catalog.revision,
    is_whole: kind === 'table',
    is_logged: range.relpersistence !== 'u',
    columns: new Map(),
    checks: new Map(),
    foreign_keys: new Map(),
    children: [],
  });
  return relation;
}

function createTable(statement: CreateStmt | undefined, catalog: Catalog): void {
  if (statement === undefined) return;
  const { tableElts, inhRelations, partspec, partbound, accessMethod } = statement;
  const relation = create(catalog, {
    range: statement.relation,
    kind: 'table',
    is_sure: statement.if_not_exists !== true,
  });
  if (relation === undefined) return;
  for (const definition of all(tableElts, 'ColumnDef')) addColumn(catalog, relation, { definition, is_sure: true });
  for (const constraint of [...all(tableElts, 'Constraint'), ...all(statement.constraints, 'Constraint')])
    addConstraint(catalog, relation, constraint);
  const params = all(partspec?.partParams, 'PartitionElem');
  const is_whole =
    all(tableElts, 'TableLikeClause').length === 0 &&
    (inhRelations ?? []).length === 0 &&
    statement.ofTypename === undefined;
  change(catalog, relation, () => ({
    is_whole,
    access_method: accessMethod,
    ...(partspec !== undefined && { partition_key: params.length === 1 ? (params[0]?.name ?? '') : '' }),
  }));
  for (const parent of all(inhRelations, 'RangeVar'))
    change(catalog, relationOf(catalog, parent), ({ children }) => ({
      children: [...children, relation],
      ...(partbound?.is_default === true && { default_partition: relation }),
    }));
}

function createIndex(
  { idxname, relation: range, indexParams, indexIncludingParams, whereClause, if_not_exists }: IndexStmt,
  catalog: Catalog,
): void {
  const table = relationOf(catalog, range);
  const parts = [...all(indexParams, 'IndexElem'), ...all(indexIncludingParams, 'IndexElem')];
  const columns = [...parts.map(({ name = '' }) => name), ...(whereClause === undefined ? [] : [''])];
  const name = idxname ?? [table.name, ...columns.map((column) => column || 'expr'), 'idx'].join('_');
  const key = keyOf({ schema: table.schema, name });
  if (if_not_exists === true && catalog.indexes.has(key)) return;
  const mentioned = columnsIn([parts.map(({ expr }) => expr), whereClause]);
  const made_in = if_not_exists === true ? undefined : catalog.revision;
  catalog.indexes.set(key, { table, columns, mentioned, made_in });
}

function drop({ removeType, objects = [] }: DropStmt, catalog: Catalog): void {
  for (const object of objects) {
    const name = texts(
      as(object, 'List')?.items ?? as(object, 'TypeName')?.names ?? as(object, 'ObjectWithArgs')?.objname ?? [object],
    );
    const key = keyOf(resolve(catalog, name));
    if (
      removeType === 'OBJECT_TABLE' ||
      removeType === 'OBJECT_VIEW' ||
      removeType === 'OBJECT_MATVIEW' ||
      removeType === 'OBJECT_FOREIGN_TABLE'
    ) {
      catalog.relations.delete(key);
      for (const [index, { table }] of catalog.indexes) if (keyOf(table) === key) catalog.indexes.delete(index);
    }
    if (removeType === 'OBJECT_INDEX') catalog.indexes.delete(key);
    if (removeType === 'OBJECT_TYPE' || removeType === 'OBJECT_DOMAIN') catalog.types.delete(key);
    if (removeType === 'OBJECT_FUNCTION' || removeType === 'OBJECT_PROCEDURE') catalog.functions.delete(key);
    if (removeType === 'OBJECT_SCHEMA') catalog.schemas.delete(name[0] ?? '');
  }
}

function setSchema({ relation: range, newschema = '' }: AlterObjectSchemaStmt, catalog: Catalog): void {
  if (range === undefined) return;
  const relation = relationOf(catalog, range);
  moveRelation(catalog, relation, { ...relation, schema: newschema });
}

function createSchema(
  { schemaname, if_not_exists, schemaElts }: Extract<Node, { CreateSchemaStmt: unknown }>['CreateSchemaStmt'],
  catalog: Catalog,
  source: string,
): void {
  if (schemaname === undefined) return;
  if (if_not_exists !== true) catalog.schemas.set(schemaname, catalog.revision);
  const before = catalog.search_path;
  catalog.search_path = schemaname;
  for (const element of schemaElts ?? []) apply(element, catalog, source);
  catalog.search_path = before;
}

function createType(catalog: Catalog, name: readonly string[]): void {
  catalog.types.set(keyOf(resolve(catalog, name)), {
    made_in: catalog.revision,
    made_in_transaction: catalog.transaction,
  });
}

function createDomain({ domainname, typeName, constraints, collClause }: CreateDomainStmt, catalog: Catalog): void {
  const rules = all(constraints, 'Constraint');
  catalog.types.set(keyOf(resolve(catalog, texts(domainname))), {
    made_in: catalog.revision,
    made_in_transaction: catalog.transaction,
    domain: {
      base: typeOf(typeName, texts(collClause?.collname).at(-1)),
      is_constrained: rules.some(({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL'),
      fallback: rules.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr,
    },
  });
}

function alterDomain({ typeName, subtype }: AlterDomainStmt, catalog: Catalog): void {
  const key = keyOf(resolve(catalog, texts(typeName)));
  const type = catalog.types.get(key);
  if (type?.domain === undefined || (subtype !== 'C' && subtype !== 'O')) return;
  catalog.types.set(key, { ...type, domain: { ...type.domain, is_constrained: true } });
}

function createFunction(statement: CreateFunctionStmt, catalog: Catalog, source: string): void {
  const key = keyOf(resolve(catalog, texts(statement.funcname)));
  const option = all(statement.options, 'DefElem').findLast(({ defname }) => defname === 'volatility');
  const added = {
    volatility: as(option?.arg, 'String')?.sval ?? 'volatile',
    arguments: (statement.parameters ?? []).length,
    made_in: catalog.revision,
    statement,
    source,
  };
  const others = (catalog.functions.get(key) ?? []).filter((other) => other.arguments !== added.arguments);
  catalog.functions.set(key, [...others, added]);
}

function setVariable({ name, args, kind }: VariableSetStmt, catalog: Catalog): void {
  const values = all(args, 'A_Const').map((constant) => String(literalOf(constant) ?? ''));
  const schema = values.find((value) => value !== '' && value !== '$user' && value !== 'pg_catalog');
  if (name === 'search_path' && kind === 'VAR_SET_VALUE' && schema !== undefined) catalog.search_path = schema;
  if (name === 'timezone') catalog.time_zone = kind === 'VAR_SET_VALUE' ? values[0] : undefined;
}

function namesOf(range: RangeVar | undefined): string[] {
  return [range?.schemaname, range?.relname].filter((part) => part !== undefined);
}
