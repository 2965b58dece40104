import type { Node } from '@libpg-query/parser';
import { all, as, optionOf } from './ast.ts';
import { isNew, relationOf } from './catalog.ts';
import { judgeAlterTable } from './judge/alter-table.ts';
import { judgeDrop } from './judge/drop.ts';
import { judgeIndex, judgeReindex } from './judge/index.ts';
import { judgeDefaultPartition } from './judge/partition.ts';
import { judgeNewSchema, judgeRename } from './judge/rename.ts';
import { deletes, judgeRows } from './judge/rows.ts';
import type { Judgement, Scene } from './judge/scene.ts';
import { judgeDomain, judgeEnum } from './judge/type-statement.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { truncatedAlong } from './truncated.ts';

/** The rules that a statement breaks; those about relations that no code uses yet are left out. */
export function judge(node: Node, scene: Scene): Judgement[] {
  const { catalog } = scene;
  const isUsed = ({ relation, rule }: Judgement): boolean => {
    const { on_new_relations }: Rule = RULES[rule];
    return relation === undefined || on_new_relations === true || !isNew(catalog, relation);
  };
  return found(node, scene).filter(isUsed);
}

function found(node: Node, scene: Scene): Judgement[] {
  const { catalog } = scene;
  if ('AlterTableStmt' in node) return judgeAlterTable(node.AlterTableStmt, scene);
  if ('CreateStmt' in node) return node.CreateStmt.partbound === undefined ? [] : ofNewPartition(node, scene);
  if ('IndexStmt' in node) return judgeIndex(node.IndexStmt, catalog);
  if ('ReindexStmt' in node) return judgeReindex(node.ReindexStmt, catalog);
  if ('DropStmt' in node) return judgeDrop(node.DropStmt, catalog);
  if ('RenameStmt' in node) return judgeRename(node.RenameStmt, scene);
  if ('AlterObjectSchemaStmt' in node) return judgeNewSchema(node.AlterObjectSchemaStmt, scene);
  if ('AlterEnumStmt' in node) return judgeEnum(node.AlterEnumStmt, scene);
  if ('AlterDomainStmt' in node) return judgeDomain(node.AlterDomainStmt, catalog);
  if ('TruncateStmt' in node)
    return [
      ...all(node.TruncateStmt.relations, 'RangeVar').map((range) => relationOf(catalog, range)),
      ...truncatedAlong(node.TruncateStmt, catalog),
    ].map((relation) => deletes(relation));
  return [...ofWholeTables(node, scene), ...judgeRows(node, catalog)];
}

function ofNewPartition(node: Extract<Node, { CreateStmt: unknown }>, { catalog }: Scene): Judgement[] {
  const [parent] = all(node.CreateStmt.inhRelations, 'RangeVar');
  return parent === undefined ? [] : judgeDefaultPartition(relationOf(catalog, parent), catalog);
}

function ofWholeTables(node: Node, { catalog }: Scene): Judgement[] {
  if ('ClusterStmt' in node) return [rewrites(node.ClusterStmt.relation, catalog)];
  if ('RefreshMatViewStmt' in node && node.RefreshMatViewStmt.concurrent !== true)
    return [{ rule: 'refresh-blocks', relation: relationOf(catalog, node.RefreshMatViewStmt.relation) }];
  if (
    'VacuumStmt' in node &&
    node.VacuumStmt.is_vacuumcmd === true &&
    optionOf(node.VacuumStmt.options, 'full') === true
  ) {
    const named = all(node.VacuumStmt.rels, 'VacuumRelation').map(({ relation }) => rewrites(relation, catalog));
    return named.length > 0 ? named : [rewrites(undefined, catalog)];
  }
  const moved = as(node, 'AlterTableMoveAllStmt');
  if (moved !== undefined) return [{ rule: 'table-rewrites', table: moved.orig_tablespacename }];
  const owned = as(node, 'DropOwnedStmt');
  if (owned !== undefined)
    return all(owned.roles, 'RoleSpec').map(({ rolename }) => ({
      rule: 'drops-table',
      table: `${rolename ?? ''}.*`,
      name: '…',
    }));
  const database = as(node, 'DropdbStmt');
  return database === undefined ? [] : [{ rule: 'drops-table', table: `${database.dbname}.*`, name: '…' }];
}

function rewrites(range: Parameters<typeof relationOf>[1], catalog: Scene['catalog']): Judgement {
  return range === undefined
    ? { rule: 'table-rewrites', table: '…' }
    : { rule: 'table-rewrites', relation: relationOf(catalog, range) };
}
