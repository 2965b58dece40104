import type { AlterDomainStmt, AlterEnumStmt, Node } from '@libpg-query/parser';
import { as, findAll, kindOf, texts } from '../ast.ts';
import { type Catalog, resolve } from '../catalog.ts';
import { displayOf, keyOf, quoted, type Relation } from '../relation.ts';
import type { Judgement, Scene } from './scene.ts';

/** What `ALTER TYPE … ADD VALUE` and `RENAME VALUE` mean for what comes after. */
export function judgeEnum(
  { typeName, oldVal, newVal }: AlterEnumStmt,
  { catalog, laterInTransaction }: Scene,
): Judgement[] {
  const type = resolve(catalog, texts(typeName));
  const known = catalog.types.get(keyOf(type));
  if (oldVal !== undefined)
    return known?.made_in === catalog.revision ? [] : [{ rule: 'renames', table: displayOf(type) }];
  if (known?.made_in_transaction === catalog.transaction) return [];
  return laterInTransaction.some((node) => uses(node, newVal ?? ''))
    ? [{ rule: 'new-enum-value-used', table: displayOf(type), name: `'${newVal}'` }]
    : [];
}

/** Constraints of a domain hold for the columns of every table that has it. */
export function judgeDomain(statement: AlterDomainStmt, catalog: Catalog): Judgement[] {
  const domain = resolve(catalog, texts(statement.typeName));
  if (catalog.types.get(keyOf(domain))?.made_in === catalog.revision) return [];
  const table = displayOf(domain);
  switch (statement.subtype) {
    case 'C':
      return as(statement.def, 'Constraint')?.skip_validation === true
        ? []
        : [checks(domain, as(statement.def, 'Constraint')?.conname)];
    case 'V':
      return [checks(domain, statement.name)];
    case 'O':
      return [
        {
          rule: 'not-null-scans',
          table,
          column: 'VALUE',
          name: quoted(`${domain.name}_not_null`),
          why: DOMAIN_IS_READ,
        },
      ];
    default:
      return [];
  }
}

const DOMAIN_IS_READ = 'Every row of every table with the domain is read while every write to these tables waits.';

function checks(domain: Relation, name: string | undefined): Judgement {
  return {
    rule: 'check-scans',
    table: displayOf(domain),
    name: quoted(name ?? `${domain.name}_check`),
    why: DOMAIN_IS_READ,
  };
}

/** True if a statement holds the value as a constant. */
function uses(node: Node, value: string): boolean {
  if (kindOf(node) === 'AlterEnumStmt' || kindOf(node) === 'CommentStmt') return false;
  return findAll(node, 'A_Const').some(({ sval }) => sval?.sval === value);
}
