import type { Node } from '@libpg-query/parser';
import { as, walk } from '../ast.ts';
import { type Catalog, relationOf } from '../catalog.ts';
import type { TakenLock } from '../locks.ts';

const READS_OR_WRITES = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'CreateTableAsStmt',
  'ExplainStmt',
  'PrepareStmt',
];

/** The locks of statements that write rows, in every part of them. */
export function rowLocks(node: Node, catalog: Catalog): TakenLock[] {
  const locks: TakenLock[] = [];
  if (!READS_OR_WRITES.some((kind) => kind in node)) return locks;
  walk(node, (inner) => {
    const written =
      as(inner, 'InsertStmt') ?? as(inner, 'UpdateStmt') ?? as(inner, 'DeleteStmt') ?? as(inner, 'MergeStmt');
    const copied = as(inner, 'CopyStmt');
    const range = written?.relation ?? (copied?.is_from === true ? copied.relation : undefined);
    if (range !== undefined) locks.push({ relation: relationOf(catalog, range), level: 'ROW EXCLUSIVE' });
    return undefined;
  });
  return locks;
}
