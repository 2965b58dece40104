import { changedNames, makersOf } from '../autogenerate/owners.ts';
import type { Snapshot } from '../autogenerate/snapshot.ts';
import { MigrationError } from '../errors.ts';
import { forkedHeads, isFork, isUpstream, labelsOf, ownHeads } from '../script/branches.ts';
import type { Graph } from '../script/graph.ts';
import type { Header } from '../script/header.ts';
import { resolve, singleHead } from '../script/targets.ts';

/** Where in the graph a new revision stands. */
export type Place = Pick<Header, 'down_revisions' | 'depends_on'>;

interface Wish {
  head?: string;
  splice?: boolean;
  depends_on?: readonly string[];
}

/**
 * The place of a new revision: after the one head that is not upstream's, or at the beginning of a branch of one's own. It depends
 * on the heads of the other branches, since it is written against what they have made.
 */
export function placeOf(graph: Graph, { head, splice = false, depends_on }: Wish): Place {
  const down_revisions = head === undefined ? followed(graph) : named(graph, head, splice);
  if (depends_on !== undefined)
    return { down_revisions, depends_on: depends_on.flatMap((target) => resolve(graph, target)) };
  return { down_revisions, depends_on: splice ? [] : otherHeads(graph, down_revisions) };
}

/**
 * The head to follow for a change of the models, if there are several branches of one's own: the one that all changed tables
 * belong to. `undefined` if there is no choice. Throws if the tables belong to several, or to an upstream branch alone.
 */
export function headFor(
  graph: Graph,
  { before, after }: { before: Snapshot | undefined; after: Snapshot },
): string | undefined {
  const own = ownHeads(graph);
  const makers = makersOf(graph);
  const owned = changedNames(before, after).map((name) => ({ name, maker: makers.get(name) }));
  const owners = own.map((head) => {
    const lineage = graph.lineage([head]);
    return {
      head,
      names: owned.filter(({ maker }) => maker !== undefined && lineage.has(maker)).map(({ name }) => name),
    };
  });
  const changed = owners.filter(({ names }) => names.length > 0);
  if (isBeginning(graph)) return beginning(graph, changed[0]);
  if (changed.length === 1) return changed[0]?.head;
  const ways = owners.map(({ head, names }) => `  --head ${targetOf(graph, head)}  ${names.join(', ')}`.trimEnd());
  throw new MigrationError(
    `There are ${own.length} branches, and the change is ${changed.length === 0 ? 'of none of them' : 'of several'}: write each with its own --head:\n${ways.sort().join('\n')}`,
  );
}

/** True if the tables decide which branch a change goes to. */
export function hasChoice(graph: Graph): boolean {
  const isOneLine = graph.heads.length === 0 || forkedHeads(graph).length > 0;
  return !isOneLine && (isBeginning(graph) || ownHeads(graph).length > 1);
}

function isBeginning(graph: Graph): boolean {
  return ownHeads(graph).every((id) => isUpstream(graph, id));
}

/** What keeps an upstream branch from being changed by accident, and its own keepers from leaving it. */
function beginning(graph: Graph, changed: { head: string; names: readonly string[] } | undefined): undefined {
  if (changed === undefined) return undefined;
  const target = targetOf(graph, changed.head);
  const [label = ''] = target.split('@');
  throw new MigrationError(
    `${changed.names.join(', ')} belong${changed.names.length === 1 ? 's' : ''} to the branch ${label}, which comes from elsewhere. Write the change on a branch of your own with --head base; if you keep ${label} yourself, on it with --head ${target}`,
  );
}

function targetOf(graph: Graph, head: string): string {
  const [label] = labelsOf(graph, head);
  return label === undefined ? head : `${label}@head`;
}

function followed(graph: Graph): string[] {
  const head = singleHead(graph);
  return head === undefined || isUpstream(graph, head) ? [] : [head];
}

function named(graph: Graph, head: string, splice: boolean): string[] {
  const ids = resolve(graph, head);
  const taken = ids.find((id) => !graph.heads.includes(id));
  if (taken !== undefined && !splice)
    throw new MigrationError(`Revision ${taken} is not a head; --splice begins a branch there`);
  return ids;
}

function otherHeads(graph: Graph, down_revisions: readonly string[]): string[] {
  const below = graph.ancestors(down_revisions);
  const isOnUpstream = down_revisions.some((id) => isUpstream(graph, id));
  const others = graph.heads.filter((id) => !below.has(id) && !down_revisions.some((down) => isFork(graph, down, id)));
  return graph.tips(others.filter((id) => !isOnUpstream || isUpstream(graph, id)));
}
