import type { AlterObjectSchemaStmt, ObjectType, RenameStmt } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';
import { columnOf, isNewSchema, relationOf } from '../catalog.ts';
import { keyOf, type Relation } from '../relation.ts';
import type { Judgement, Scene } from './scene.ts';

const RELATIONS = new Set<ObjectType | undefined>([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
]);
const ROUTINES = new Set<ObjectType | undefined>([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
]);

/** Names that code which runs still knows. */
export function judgeRename(statement: RenameStmt, scene: Scene): Judgement[] {
  const { catalog } = scene;
  const { renameType, subname = '' } = statement;
  if (RELATIONS.has(renameType)) {
    const relation = relationOf(catalog, statement.relation);
    return isLeftBehind(relation, scene) ? [] : [{ rule: 'renames', relation }];
  }
  if (renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE') {
    const relation = relationOf(catalog, statement.relation);
    return columnOf(catalog, relation, subname)?.added_in === catalog.revision ? [] : [{ rule: 'renames', relation }];
  }
  if (renameType === 'OBJECT_SCHEMA') return isNewSchema(catalog, subname) ? [] : [{ rule: 'renames', table: subname }];
  return ROUTINES.has(renameType) ? ofRoutine(texts(as(statement.object, 'ObjectWithArgs')?.objname), scene) : [];
}

/** `ALTER … SET SCHEMA`. */
export function judgeNewSchema(statement: AlterObjectSchemaStmt, scene: Scene): Judgement[] {
  const { objectType, object } = statement;
  if (ROUTINES.has(objectType)) return ofRoutine(texts(as(object, 'ObjectWithArgs')?.objname), scene);
  if (!RELATIONS.has(objectType)) return [];
  const relation = relationOf(scene.catalog, statement.relation);
  return isLeftBehind(relation, scene) ? [] : [{ rule: 'renames', relation }];
}

/** A function that this revision makes has no callers yet. */
function ofRoutine(name: readonly string[], { catalog }: Scene): Judgement[] {
  const table = name.join('.');
  return catalog.functions
    .get(keyOf({ schema: name.at(-2) ?? catalog.search_path, name: name.at(-1) ?? '' }))
    ?.some(({ made_in }) => made_in === catalog.revision)
    ? []
    : [{ rule: 'renames', table }];
}

/** A view under the old name takes its place in the same transaction. */
function isLeftBehind(relation: Relation, { laterInTransaction, catalog }: Scene): boolean {
  return laterInTransaction.some((node) => {
    const view = as(node, 'ViewStmt')?.view;
    return view !== undefined && keyOf(relationOf(catalog, view)) === keyOf(relation);
  });
}
