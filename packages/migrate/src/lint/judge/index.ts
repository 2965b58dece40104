import type { IndexStmt, ReindexStmt } from '@libpg-query/parser';
import { optionOf } from '../ast.ts';
import { type Catalog, relationOf } from '../catalog.ts';
import { keyOf, quoted, UNKNOWN_NAME } from '../relation.ts';
import type { Judgement } from './scene.ts';

/** What making an index keeps waiting. */
export function judgeIndex({ relation: range, idxname, concurrent }: IndexStmt, catalog: Catalog): Judgement[] {
  const relation = relationOf(catalog, range);
  const known = catalog.relations.get(keyOf(relation));
  const isPartitioned = known?.partition_key !== undefined;
  const name = idxname === undefined ? UNKNOWN_NAME : quoted(idxname);
  if (concurrent === true) return isPartitioned ? [{ rule: 'index-on-partitioned', relation, name }] : [];
  // A materialized view takes no writes, and an index ON ONLY a partitioned table is empty.
  if (known?.kind === 'materialized view') return [];
  const isOnly = range?.inh !== true;
  if (isOnly && (isPartitioned || known?.is_whole !== true)) return [];
  return [{ rule: 'index-blocks-writes', relation, name, ...(isPartitioned && { why: EVERY_PARTITION }) }];
}

const EVERY_PARTITION =
  'The index is built on one partition after the other while every write to any of them waits; PostgreSQL builds it concurrently only on each partition by itself, after CREATE INDEX … ON ONLY.';

/** What rebuilding an index keeps waiting. */
export function judgeReindex({ kind, relation: range, name, params }: ReindexStmt, catalog: Catalog): Judgement[] {
  if (optionOf(params, 'concurrently') === true) return [];
  const word = (kind ?? '').replace('REINDEX_OBJECT_', '');
  if (range === undefined) return [{ rule: 'reindex-blocks-writes', table: name ?? '', name: word }];
  const named = relationOf(catalog, range);
  const table = kind === 'REINDEX_OBJECT_INDEX' ? catalog.indexes.get(keyOf(named))?.table : undefined;
  return [{ rule: 'reindex-blocks-writes', relation: table ?? named, name: word }];
}
