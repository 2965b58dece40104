import type { Graph } from '../script/graph.ts';
import { parentsOf, type Revision, readSnapshot, readSnapshotIds } from '../script/revisions.ts';
import { earlyRenames, followedRenames, withRenames } from './followed-renames.ts';
import type { Snapshot } from './snapshot.ts';
import { type Branches, type Conflict, mergeSnapshots } from './three-way.ts';

/** The models' state after some revisions: the one written down last, joined where branches meet; `undefined` before any. */
export function snapshotAt(graph: Graph, ids: readonly string[]): Snapshot | undefined {
  const tips = graph.tips(ids);
  const [first, ...others] = tips;
  if (first === undefined) return undefined;
  if (others.length === 0) return stateOf(graph, graph.get(first));
  return others.reduce<Snapshot | undefined>(
    (joined, id) => {
      const added = snapshotAt(graph, [id]);
      if (joined === undefined || added === undefined) return joined ?? added;
      const ours = tips.slice(0, tips.indexOf(id));
      return mergeSnapshots(renamedAlike(graph, { ours, theirs: id }, { ours: joined, theirs: added })).snapshot;
    },
    snapshotAt(graph, [first]),
  );
}

/** The conflicts between branches since they parted. */
export function conflictsBetween(graph: Graph, [one = '', other = '']: readonly string[]): Conflict[] {
  const [ours, theirs] = [snapshotAt(graph, [one]), snapshotAt(graph, [other])];
  if (ours === undefined || theirs === undefined) return [];
  const alike = renamedAlike(graph, { ours: [one], theirs: other }, { ours, theirs });
  const { conflicts } = mergeSnapshots(alike);
  const swapped = mergeSnapshots({ ...alike, ours: alike.theirs, theirs: alike.ours }).conflicts;
  return [...new Map([...conflicts, ...swapped].map((conflict) => [JSON.stringify(conflict), conflict])).values()];
}

/** The revisions of two branches whose renames stand in the way of the other's changes, since they run first. */
export function renamesInTheWay(graph: Graph, [one = '', other = '']: readonly string[]): string[] {
  const common = commonTips(graph, [one], other);
  return [
    ...earlyRenames(graph, { ours: [one], theirs: [other], common }),
    ...earlyRenames(graph, { ours: [other], theirs: [one], common }),
  ];
}

/** The states of two branches and the one that they grew out of, all in the names that both together lead to. */
function renamedAlike(
  graph: Graph,
  { ours, theirs }: { ours: readonly string[]; theirs: string },
  states: { ours: Snapshot; theirs: Snapshot },
): Branches {
  const common = commonTips(graph, ours, theirs);
  const base = snapshotAt(graph, common);
  const mine = followedRenames(graph, { ours, theirs: [theirs], common });
  const other = followedRenames(graph, { ours: [theirs], theirs: ours, common });
  return {
    base: withRenames(withRenames(base, mine), other),
    ours: withRenames(states.ours, other) ?? states.ours,
    theirs: withRenames(states.theirs, mine) ?? states.theirs,
  };
}

/**
 * A revision's own state. One whose \`Revises\` was edited to name another revision has written down a state without that one's
 * changes: its own changes are put on top of them.
 */
function stateOf(graph: Graph, revision: Revision): Snapshot | undefined {
  // The file is our own; what drizzle-kit cannot read in it, it says.
  const own = readSnapshot(revision) as Snapshot | undefined;
  if (own === undefined) return snapshotAt(graph, parentsOf(revision));
  const moved = movedBelow(graph, revision);
  if (moved === undefined) return own;
  const below = moved === revision ? snapshotAt(graph, parentsOf(moved)) : stateOf(graph, moved);
  const base = moved === revision ? formerBase(graph, moved) : (readSnapshot(moved) as Snapshot | undefined);
  return below === undefined || base === undefined ? own : mergeSnapshots({ base, ours: below, theirs: own }).snapshot;
}

/** The nearest revision, itself or below it on its line, that was written on another one than it follows now. */
function movedBelow(graph: Graph, revision: Revision): Revision | undefined {
  for (let at: Revision | undefined = revision; at !== undefined; ) {
    const parents = parentsOf(at);
    const ids = readSnapshotIds(at);
    if (
      ids !== undefined &&
      parents.length > 0 &&
      parents.every((parent) => !ids.previous.includes(stateId(graph, parent)))
    )
      return formerBase(graph, at) === undefined ? undefined : at;
    const [only, ...others] = parents;
    at = only === undefined || others.length > 0 ? undefined : graph.get(only);
  }
  return undefined;
}

function formerBase(graph: Graph, revision: Revision): Snapshot | undefined {
  const previous = readSnapshotIds(revision)?.previous ?? [];
  const base = graph.ordered.find((other) => other !== revision && previous.includes(readSnapshotIds(other)?.id ?? ''));
  return base && (readSnapshot(base) as Snapshot | undefined);
}

/** The id of the state that a revision stands at: its own, or the one that it took over. */
function stateId(graph: Graph, id: string): string {
  const revision = graph.get(id);
  const own = readSnapshotIds(revision)?.id;
  if (own !== undefined) return own;
  const last = graph.tips(parentsOf(revision)).at(-1);
  return last === undefined ? '' : stateId(graph, last);
}

/** What two branches both build on. */
export function commonTips(graph: Graph, ids: readonly string[], other: string): string[] {
  const ours = graph.ancestors(ids);
  return graph.tips([...graph.ancestors([other])].filter((id) => ours.has(id)));
}
