import type { Graph } from '../script/graph.ts';
import type { Run, RunContext } from './run.ts';
import { forgetSql, moveVersionsSql, rememberSql } from './versions.ts';

/** SQL that moves the version table over a revision, and remembers or forgets it. */
export function arrivalSql(
  { graph, schema }: Pick<RunContext, 'graph' | 'schema'>,
  { revision: { id, down_revisions }, direction, script }: Run,
  versions: readonly string[],
): string[] {
  if (direction === 'upgrade') {
    const from = down_revisions.filter((down) => versions.includes(down));
    const remembered = { version_num: id, checksum: script.checksum, statements_done: null, direction };
    return [...moveVersionsSql(schema, { from, to: [id] }), rememberSql(schema, remembered)];
  }
  const kept = graph.ancestors(versions.filter((version) => version !== id));
  const to = down_revisions.filter((down) => !kept.has(down));
  return [...moveVersionsSql(schema, { from: [id], to }), forgetSql(schema, id)];
}

/** True where the revision is the next one in its direction. */
export function isDue(
  graph: Graph,
  { revision, direction }: Pick<Run, 'revision' | 'direction'>,
  versions: readonly string[],
): boolean {
  if (direction === 'downgrade') return versions.includes(revision.id);
  const applied = graph.ancestors(versions);
  return !applied.has(revision.id) && revision.down_revisions.every((down) => applied.has(down));
}
