import { MigrationError } from '../errors.ts';
import type { Graph } from './graph.ts';

/** The revisions of a labelled branch: the one that has the label and all that follow it. */
export function branchOf(graph: Graph, label: string): ReadonlySet<string> {
  const branch = new Set<string>();
  const open = [graph.get(label).id];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (branch.has(id)) continue;
    branch.add(id);
    open.push(...graph.followers(id).map((follower) => follower.id));
  }
  return branch;
}

/** The labels of the branches that a revision is on: its own, and those of all that it follows. */
export function labelsOf(graph: Graph, id: string): string[] {
  return [...graph.lineage([id])].flatMap((each) => graph.get(each).branch_labels);
}

/** True for a revision of a branch that comes from elsewhere. */
export function isUpstream(graph: Graph, id: string): boolean {
  return graph.upstream.length > 0 && labelsOf(graph, id).some((label) => graph.upstream.includes(label));
}

/** The heads of no upstream branch; all heads, while there are only upstream ones. */
export function ownHeads(graph: Graph): readonly string[] {
  const own = graph.heads.filter((id) => !isUpstream(graph, id));
  return own.length > 0 ? own : graph.heads;
}

/** The heads of the upstream branches, beside heads of one's own. */
export function upstreamHeads(graph: Graph): string[] {
  const own = ownHeads(graph);
  return graph.heads.filter((id) => isUpstream(graph, id) && !own.includes(id));
}

/**
 * Heads that were written side by side on one branch and wait for a merge; none if each head is a branch of its own: from the
 * start, or by a label since the branches parted.
 */
export function forkedHeads(graph: Graph): string[] {
  return graph.heads.filter((id) => graph.heads.some((other) => other !== id && isFork(graph, id, other)));
}

/** The one head of a labelled branch. Throws if it has several. */
export function branchHead(graph: Graph, label: string): string {
  const branch = branchOf(graph, label);
  const [head = '', ...others] = graph.heads.filter((id) => branch.has(id));
  if (others.length > 0)
    throw new MigrationError(`Branch ${label} has ${others.length + 1} heads: ${[head, ...others].join(', ')}`);
  return head;
}

/** True if the two were written side by side on one branch. */
export function isFork(graph: Graph, one: string, other: string): boolean {
  const [ours, theirs] = [graph.lineage([one]), graph.lineage([other])];
  const hasLabel = (all: ReadonlySet<string>, without: ReadonlySet<string>): boolean =>
    [...all].some((id) => !without.has(id) && graph.get(id).branch_labels.length > 0);
  return [...ours].some((id) => theirs.has(id)) && !hasLabel(ours, theirs) && !hasLabel(theirs, ours);
}
