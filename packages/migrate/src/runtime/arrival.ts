import type { Graph } from '../script/graph.ts';
import { parentsOf } from '../script/revisions.ts';
import type { Run, RunContext } from './run.ts';
import { forgetSql, moveVersionsSql, rememberSql } from './versions.ts';

/** SQL that moves the version table over a revision, and remembers or forgets it. */
export function arrivalSql(
  { graph, ...tables }: Pick<RunContext, 'graph' | 'schema' | 'recordsTable'>,
  { revision, direction, script }: Run,
  versions: readonly string[],
): string[] {
  const { id } = revision;
  const { schema } = tables;
  const parents = parentsOf(revision);
  if (direction === 'upgrade') {
    const from = parents.filter((parent) => versions.includes(parent));
    const remembered = { version_num: id, checksum: script.checksum, statements_done: null, direction };
    return [...moveVersionsSql(schema, { from, to: [id] }), rememberSql(tables, remembered)];
  }
  const kept = graph.ancestors(versions.filter((version) => version !== id));
  const to = graph.tips(parents).filter((parent) => !kept.has(parent));
  return [...moveVersionsSql(schema, { from: [id], to }), forgetSql(tables, id)];
}

/** True if the revision is the next one in its direction. */
export function isDue(
  graph: Graph,
  { revision, direction }: Pick<Run, 'revision' | 'direction'>,
  versions: readonly string[],
): boolean {
  if (direction === 'downgrade') return versions.includes(revision.id);
  const parents = parentsOf(revision);
  // One line of revisions: what follows its only version is not applied. A walk over all for each of them takes the square.
  if (versions.length <= 1 && parents.length === versions.length && parents[0] === versions[0]) return true;
  const applied = graph.ancestors(versions);
  return !applied.has(revision.id) && parents.every((parent) => applied.has(parent));
}
