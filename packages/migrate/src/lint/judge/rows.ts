import type { DeleteStmt, MergeStmt, Node, RangeVar, UpdateStmt } from '@libpg-query/parser';
import { all, as, optionOf, walk } from '../ast.ts';
import { type Catalog, columnOf, relationOf } from '../catalog.ts';
import { isAlwaysTrue, isNeverTrue, type Picked } from '../expressions/always-true.ts';
import { isVolatile } from '../expressions/volatile.ts';
import { keyOf, quoted, type Relation } from '../relation.ts';
import type { Judgement } from './scene.ts';

const NEVER_RUN = new Set(['CreateFunctionStmt', 'RuleStmt', 'ViewStmt', 'CreateTrigStmt', 'CreatePolicyStmt']);

/** Rows that a statement deletes or writes all at once, in every part of it. */
export function judgeRows(node: Node, catalog: Catalog): Judgement[] {
  const explained = as(node, 'ExplainStmt');
  if (explained !== undefined && optionOf(explained.options, 'analyze') !== true) return [];
  const found: Judgement[] = [];
  walk(node, (inner, kind) => {
    if (NEVER_RUN.has(kind)) return false;
    const removed = as(inner, 'DeleteStmt');
    const updated = as(inner, 'UpdateStmt');
    const merged = as(inner, 'MergeStmt');
    if (removed !== undefined && isWhole(removed, catalog)) found.push(deletes(relationOf(catalog, removed.relation)));
    if (updated !== undefined && isWhole(updated, catalog)) found.push(updates(updated.relation, catalog));
    if (merged !== undefined) found.push(...judgeMerge(merged, catalog));
    return undefined;
  });
  return found;
}

/** The finding of all rows gone. */
export function deletes(relation: Relation): Judgement {
  return { rule: 'deletes-all-rows', relation, name: quoted(`${relation.name}_before`) };
}

function updates(range: RangeVar | undefined, catalog: Catalog): Judgement {
  return { rule: 'updates-all-rows', relation: relationOf(catalog, range) };
}

function isWhole(statement: DeleteStmt | UpdateStmt, catalog: Catalog): boolean {
  const { relation, whereClause } = statement;
  const others = 'usingClause' in statement ? statement.usingClause : (statement as UpdateStmt).fromClause;
  return isAlwaysTrue(whereClause, pickedFrom(relation, catalog, others));
}

function pickedFrom(range: RangeVar | undefined, catalog: Catalog, others: readonly Node[] = []): Picked {
  const relation = relationOf(catalog, range);
  const twins = all(others, 'RangeVar').filter((other) => keyOf(relationOf(catalog, other)) === keyOf(relation));
  const alias = range?.alias?.aliasname ?? relation.name;
  return {
    table: relation.name,
    alias,
    twins: twins.map(({ alias: name, relname = '' }) => name?.aliasname ?? relname),
    isVolatile: (expression) => isVolatile(expression, catalog),
    isNotNull: (column) => columnOf(catalog, relation, column)?.is_not_null ?? false,
  };
}

/** `MERGE` on a condition that holds for every row, or for none. */
function judgeMerge({ relation, joinCondition, mergeWhenClauses }: MergeStmt, catalog: Catalog): Judgement[] {
  const picked = pickedFrom(relation, catalog);
  const isMatched = isAlwaysTrue(joinCondition, picked);
  const isUnmatched = isNeverTrue(joinCondition, picked);
  return all(mergeWhenClauses, 'MergeWhenClause').flatMap(({ matchKind, commandType, condition }) => {
    const isEvery =
      (matchKind === 'MERGE_WHEN_MATCHED' && isMatched) ||
      (matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && isUnmatched);
    if (!isEvery || !isAlwaysTrue(condition, picked)) return [];
    if (commandType === 'CMD_DELETE') return [deletes(relationOf(catalog, relation))];
    return commandType === 'CMD_UPDATE' ? [updates(relation, catalog)] : [];
  });
}
