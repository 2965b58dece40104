import type { AlterTableCmd } from '@libpg-query/parser';
import { as, columnsIn, texts } from '../ast.ts';
import { type Catalog, columnOf, resolve } from '../catalog.ts';
import { type ColumnType, castsOf, typeOf } from '../column-type.ts';
import { keyOf, quoted, type Relation } from '../relation.ts';
import { rebuildsIndexes, rewritesRows } from '../type-change.ts';
import type { Judgement } from './scene.ts';

/** What `ALTER COLUMN … TYPE` does to a table with rows. */
export function judgeTypeChange({ name = '', def }: AlterTableCmd, relation: Relation, catalog: Catalog): Judgement[] {
  const definition = as(def, 'ColumnDef');
  const collation = texts(definition?.collClause?.collname).at(-1);
  const to = typeOf(definition?.typeName, collation);
  const from = columnOf(catalog, relation, name)?.type;
  const casts = definition?.raw_default === undefined ? [] : castsOf(definition.raw_default, name);
  const found: Judgement = {
    rule: 'type-change-rewrites',
    relation,
    column: quoted(name),
    name: quoted(`new_${name}`),
  };
  if (to === undefined || from === undefined || casts === undefined) return [found];
  const steps = [...casts, to];
  if (steps.some((step, index) => isRewrite(steps[index - 1] ?? from, step, catalog))) return [found];
  if (
    steps.some((step, index) => rebuildsIndexes(steps[index - 1] ?? from, step)) &&
    isIndexed(catalog, relation, name)
  )
    return [found];
  // An expression over the column is made anew, and with it the index, even where the column itself stays as it is.
  if (isInExpression(catalog, relation, name)) return [found];
  return checkedAgain(catalog, relation, name);
}

function isRewrite(from: ColumnType, to: ColumnType, catalog: Catalog): boolean {
  const domain = domainOf(to, catalog);
  if (domain?.is_constrained === true) return true;
  return rewritesRows(baseOf(from, catalog), domain?.base ?? to, { is_utc: isUtc(catalog) });
}

function baseOf(type: ColumnType, catalog: Catalog): ColumnType {
  return domainOf(type, catalog)?.base ?? type;
}

function domainOf(
  type: ColumnType,
  catalog: Catalog,
): { base: ColumnType | undefined; is_constrained: boolean } | undefined {
  if (type.is_array) return undefined;
  return catalog.types.get(keyOf(resolve(catalog, type.name.split('.'))))?.domain;
}

function isUtc({ time_zone }: Catalog): boolean {
  return time_zone !== undefined && /^(?:utc|gmt|etc\/(?:utc|gmt)|zulu|0)$/i.test(time_zone);
}

/** True unless it is known that no index holds the column. */
function isIndexed(catalog: Catalog, relation: Relation, column: string): boolean {
  const key = keyOf(relation);
  const own = [...catalog.indexes.values()].filter(({ table }) => keyOf(table) === key);
  if (own.some(({ columns }) => columns.includes(column) || columns.includes(''))) return true;
  if (catalog.relations.get(key)?.is_whole === true) return false;
  return catalog.snapshot?.indexed(relation)?.has(column) ?? true;
}

function isInExpression(catalog: Catalog, relation: Relation, column: string): boolean {
  const key = keyOf(relation);
  const own = [...catalog.indexes.values()].filter(({ table }) => keyOf(table) === key);
  if (own.some(({ mentioned }) => mentioned.includes(column))) return true;
  return catalog.snapshot?.hasExpressionOn(relation, column) ?? false;
}

/** Its checks are made anew, and hold every row against them. */
function checkedAgain(catalog: Catalog, relation: Relation, column: string): Judgement[] {
  const checks = [...(catalog.relations.get(keyOf(relation))?.checks ?? [])];
  return checks
    .filter(([, { expression, is_validated }]) => is_validated && columnsIn(expression).includes(column))
    .map(([name]) => ({ rule: 'check-scans', relation, name: quoted(name) }));
}
