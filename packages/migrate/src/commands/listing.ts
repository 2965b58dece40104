import { MigrationError } from '../errors.ts';
import type { Project } from '../project.ts';
import { connected } from '../project.ts';
import { knownVersions, readGraph } from '../runtime/state.ts';
import { branchOf } from '../script/branches.ts';
import type { Graph } from '../script/graph.ts';
import { parentsOf, type Revision } from '../script/revisions.ts';
import { resolve } from '../script/targets.ts';

/** A revision as listed. */
export interface ListedRevision extends Revision {
  is_head: boolean;
  /** More than one revision follows it. */
  is_branch_point: boolean;
  is_merge: boolean;
}

/** Every revision, newest first; of a range `A:B` those that B builds on and A does not, with A itself. */
export async function history(
  project: Project,
  range?: string,
  { branch }: { branch?: string | undefined } = {},
): Promise<ListedRevision[]> {
  const graph = readGraph(project);
  const onBranch = branch === undefined ? undefined : branchOf(graph, branch);
  const newestFirst = graph.ordered.filter(({ id }) => onBranch?.has(id) ?? true).reverse();
  if (range === undefined) return newestFirst.map((revision) => listed(graph, revision));
  const [from = '', to, ...rest] = range.split(':');
  if (to === undefined || rest.length > 0)
    throw new MigrationError(`"${range}" is not a range such as base:head or 3f2a:`);
  const current = /\bcurrent\b/.test(range)
    ? await connected(project, (client) => knownVersions(client, project, graph))
    : [];
  const ids = (end: string, otherwise: string): string[] =>
    end === 'current' ? current : resolve(graph, end === '' ? otherwise : end);
  const start = ids(from, 'base');
  const below = graph.ancestors(start.flatMap((id) => parentsOf(graph.get(id))));
  const within = graph.ancestors(ids(to, 'heads'));
  return newestFirst.filter(({ id }) => within.has(id) && !below.has(id)).map((revision) => listed(graph, revision));
}

/** The revisions that nothing follows. */
export function heads(project: Project): ListedRevision[] {
  const graph = readGraph(project);
  return graph.heads.map((id) => listed(graph, graph.get(id)));
}

/** Where the way parts: each revision that several follow, with those. */
export function branches(project: Project): (ListedRevision & { followers: string[] })[] {
  const graph = readGraph(project);
  return graph.ordered
    .map((revision) => ({ ...listed(graph, revision), followers: graph.followers(revision.id).map(({ id }) => id) }))
    .filter(({ is_branch_point }) => is_branch_point);
}

/** One revision, by any name that a target has. */
export function show(project: Project, target: string): ListedRevision[] {
  const graph = readGraph(project);
  return resolve(graph, target).map((id) => listed(graph, graph.get(id)));
}

function listed(graph: Graph, revision: Revision): ListedRevision {
  return {
    ...revision,
    is_head: graph.heads.includes(revision.id),
    is_branch_point: graph.followers(revision.id).length > 1,
    is_merge: revision.down_revisions.length > 1,
  };
}
