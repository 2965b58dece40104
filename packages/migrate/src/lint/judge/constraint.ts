import type { Constraint } from '@libpg-query/parser';
import { texts } from '../ast.ts';
import { type Catalog, columnOf, resolve } from '../catalog.ts';
import { constraintName } from '../constraint-name.ts';
import { keyOf, quoted, type Relation } from '../relation.ts';
import type { Judgement } from './scene.ts';

/** What `ADD CONSTRAINT` does to a table with rows. */
export function judgeNewConstraint(constraint: Constraint, relation: Relation, catalog: Catalog): Judgement[] {
  const name = constraintName(constraint, relation, [...texts(constraint.keys), ...texts(constraint.fk_attrs)]);
  const isChecked = constraint.skip_validation !== true;
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return isChecked ? [{ rule: 'check-scans', relation, name }] : [];
    case 'CONSTR_FOREIGN':
      return isChecked ? [{ rule: 'foreign-key-scans', relation, name }] : [];
    case 'CONSTR_UNIQUE':
      return constraint.indexname === undefined ? [{ rule: 'unique-builds-index', relation, name }] : [];
    case 'CONSTR_PRIMARY':
      return constraint.indexname === undefined
        ? [{ rule: 'unique-builds-index', relation, name }]
        : judgeKeyFromIndex(constraint.indexname, relation, catalog);
    case 'CONSTR_EXCLUSION':
      return [{ rule: 'exclusion-builds-index', relation, name }];
    default:
      return [];
  }
}

/** A primary key's columns become NOT NULL, for which every row is read. */
function judgeKeyFromIndex(index: string, relation: Relation, catalog: Catalog): Judgement[] {
  const known = catalog.indexes.get(keyOf(resolve(catalog, [relation.schema, index])));
  const nullable = known?.columns.find((column) => columnOf(catalog, relation, column)?.is_not_null === false);
  if (nullable === undefined) return [];
  return [{ rule: 'not-null-scans', relation, column: quoted(nullable), name: quoted(`${nullable}_not_null`) }];
}
