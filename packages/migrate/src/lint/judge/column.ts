import type { ColumnDef, Constraint, Node } from '@libpg-query/parser';
import { all, as, texts } from '../ast.ts';
import { type Catalog, type KnownType, resolve } from '../catalog.ts';
import { isSerial } from '../column-type.ts';
import { constraintName } from '../constraint-name.ts';
import { isVolatile } from '../expressions/volatile.ts';
import { keyOf, quoted, type Relation } from '../relation.ts';
import type { Judgement } from './scene.ts';

/** What `ADD COLUMN` does to a table with rows. */
export function judgeNewColumn(definition: ColumnDef, relation: Relation, catalog: Catalog): Judgement[] {
  const column = quoted(definition.colname ?? '');
  const constraints = all(definition.constraints, 'Constraint');
  const has = (type: Constraint['contype']): boolean => constraints.some(({ contype }) => contype === type);
  const domain = domainOf(definition, catalog);
  const fallback = defaultOf(definition) ?? domain?.fallback;
  // A column without a value refers to nothing: PostgreSQL looks no row up.
  const has_value = defaultOf(definition) !== undefined || isSerial(definition.typeName);
  const isCounted = isSerial(definition.typeName) || has('CONSTR_IDENTITY');
  const isComputed = has('CONSTR_GENERATED');
  const found: Judgement[] = [];
  if (isCounted || isComputed || isVolatile(fallback, catalog))
    found.push({ rule: 'volatile-default', relation, column });
  else if (domain?.is_constrained === true)
    found.push({ rule: 'table-rewrites', relation, column, why: CHECKED_DOMAIN });
  const isRequired = has('CONSTR_NOTNULL') || has('CONSTR_PRIMARY');
  if (isRequired && !isCounted && !isComputed && isNull(fallback))
    found.push({ rule: 'not-null-without-default', relation, column });
  return [...found, ...constraints.flatMap((constraint) => judgeInline(constraint, relation, { column, has_value }))];
}

/** The domain that a column's type is, if it is known. */
function domainOf({ typeName }: Pick<ColumnDef, 'typeName'>, catalog: Catalog): KnownType['domain'] {
  if ((typeName?.arrayBounds ?? []).length > 0) return undefined;
  return catalog.types.get(keyOf(resolve(catalog, texts(typeName?.names))))?.domain;
}

const CHECKED_DOMAIN =
  'A domain with constraints is checked for every row, so the table is written anew while every read and write of it waits.';

function defaultOf({ constraints }: ColumnDef): Node | undefined {
  return all(constraints, 'Constraint').find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
}

function isNull(fallback: Node | undefined): boolean {
  if (fallback === undefined) return true;
  const cast = as(fallback, 'TypeCast');
  return cast === undefined ? as(fallback, 'A_Const')?.isnull === true : isNull(cast.arg);
}

function judgeInline(
  constraint: Constraint,
  relation: Relation,
  { column, has_value }: { column: string; has_value: boolean },
): Judgement[] {
  const name = constraintName(constraint, relation, [column]);
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return [{ rule: 'check-scans', relation, name }];
    case 'CONSTR_FOREIGN':
      return has_value ? [{ rule: 'foreign-key-scans', relation, name }] : [];
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return [{ rule: 'unique-builds-index', relation, name }];
    default:
      return [];
  }
}
