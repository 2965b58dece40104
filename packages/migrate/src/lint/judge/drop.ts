import type { DropStmt, Node } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';
import { type Catalog, isNew, isNewSchema, resolve } from '../catalog.ts';
import { displayOf, keyOf, quoted, sqlOf } from '../relation.ts';
import type { Judgement } from './scene.ts';

/** What `DROP` takes away, of every object that it names. */
export function judgeDrop(statement: DropStmt, catalog: Catalog): Judgement[] {
  const { objects = [], behavior } = statement;
  return objects.flatMap((object) => {
    const name = nameOf(object);
    const direct = judgeObject(statement, name, catalog);
    return behavior === 'DROP_CASCADE' && direct.length === 0 ? judgeCascade(statement, name, catalog) : direct;
  });
}

function nameOf(object: Node): string[] {
  const list = as(object, 'List')?.items ?? as(object, 'ObjectWithArgs')?.objname ?? as(object, 'TypeName')?.names;
  return list === undefined ? texts([object]) : texts(list);
}

function judgeObject(
  { removeType, concurrent, behavior }: DropStmt,
  name: readonly string[],
  catalog: Catalog,
): Judgement[] {
  const relation = resolve(catalog, name);
  switch (removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
      return [{ rule: 'drops-table', relation, name: quoted(`${relation.name}_dropped`) }];
    case 'OBJECT_SCHEMA':
      return behavior === 'DROP_CASCADE' && !isNewSchema(catalog, relation.name)
        ? [{ rule: 'drops-table', table: `${relation.name}.*`, name: '…' }]
        : [];
    case 'OBJECT_INDEX':
      return concurrent === true ? [] : judgeIndex(name, catalog);
    default:
      return [];
  }
}

function judgeIndex(name: readonly string[], catalog: Catalog): Judgement[] {
  const index = resolve(catalog, name);
  const known = catalog.indexes.get(keyOf(index));
  if (known?.made_in === catalog.revision) return [];
  return [{ rule: 'drop-index-blocks', relation: known?.table ?? index, name: sqlOf(index) }];
}

const HOLDS_COLUMNS = new Set(['OBJECT_TYPE', 'OBJECT_DOMAIN', 'OBJECT_EXTENSION', 'OBJECT_COLLATION']);
const HOLDS_TABLES = new Set(['OBJECT_ACCESS_METHOD', 'OBJECT_FOREIGN_SERVER', 'OBJECT_FDW']);
/** Nothing can depend on these. */
const ENDS = new Set([
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_CAST',
  'OBJECT_PUBLICATION',
  'OBJECT_STATISTIC_EXT',
]);

/** What goes with an object that others are made of. */
function judgeCascade(
  { removeType = 'OBJECT_TABLE' }: DropStmt,
  name: readonly string[],
  catalog: Catalog,
): Judgement[] {
  const relation = resolve(catalog, name);
  const table = displayOf(relation);
  const key = keyOf(relation);
  const made = [catalog.types.get(key), ...(catalog.functions.get(key) ?? [])].filter((each) => each !== undefined);
  const isOwn = isNew(catalog, relation) || made.some(({ made_in }) => made_in === catalog.revision);
  if (isOwn || ENDS.has(removeType) || removeType === 'OBJECT_SCHEMA' || removeType === 'OBJECT_INDEX') return [];
  if (HOLDS_COLUMNS.has(removeType)) return [{ rule: 'drops-column', table: '…', column: `… ${table}` }];
  if (HOLDS_TABLES.has(removeType)) return [{ rule: 'drops-table', table: `${name.at(-1)}.*`, name: '…' }];
  return [{ rule: 'drops-dependents', table, name: table }];
}
