import { MigrationError } from '../errors.ts';
import type { Graph } from '../script/graph.ts';
import { parentsOf, readSnapshot } from '../script/revisions.ts';
import { dotted, pathOf } from './paths.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** The models' state after some revisions: the one written down last, joined where branches meet; `undefined` before any. */
export function snapshotAt(graph: Graph, ids: readonly string[]): Snapshot | undefined {
  const tips = graph.tips(ids);
  const [first, ...others] = tips;
  if (first === undefined) return undefined;
  if (others.length === 0) {
    const revision = graph.get(first);
    // The file is our own; what drizzle-kit cannot read in it, it says.
    const own = readSnapshot(revision) as Snapshot | undefined;
    return own ?? snapshotAt(graph, parentsOf(revision));
  }
  return others.reduce<Snapshot | undefined>(
    (joined, id) => joinSnapshots({ joined, graph, earlier: tips.slice(0, tips.indexOf(id)), id }),
    snapshotAt(graph, [first]),
  );
}

/** What two branches both changed, and not in the same way. */
export interface Conflict {
  kind: string;
  name: string;
}

/** The conflicts between branches since they parted. */
export function conflictsBetween(graph: Graph, [one = '', other = '']: readonly string[]): Conflict[] {
  const base = entities(snapshotAt(graph, commonTips(graph, [one], other)));
  const [ours, theirs] = [entities(snapshotAt(graph, [one])), entities(snapshotAt(graph, [other]))];
  return changedKeys(base, ours)
    .filter((key) => isChanged(base, theirs, key) && text(ours.get(key)) !== text(theirs.get(key)))
    .map((key) => {
      const item = ours.get(key) ?? theirs.get(key) ?? base.get(key);
      return item === undefined ? { kind: '', name: key } : { kind: kindOf(item), name: dotted(pathOf(item)) };
    });
}

function joinSnapshots({
  joined,
  graph,
  earlier,
  id,
}: {
  joined: Snapshot | undefined;
  graph: Graph;
  earlier: readonly string[];
  id: string;
}): Snapshot | undefined {
  const added = snapshotAt(graph, [id]);
  if (joined === undefined || added === undefined) return joined ?? added;
  const before = snapshotAt(graph, commonTips(graph, earlier, id));
  const base = entities(before);
  const [ours, theirs] = [entities(joined), entities(added)];
  for (const key of changedKeys(base, theirs)) {
    const item = theirs.get(key);
    if (item === undefined) ours.delete(key);
    else ours.set(key, item);
  }
  const objects = { ...joined.objects, ...added.objects };
  for (const name of Object.keys(before?.objects ?? {}))
    if (joined.objects?.[name] === undefined || added.objects?.[name] === undefined) delete objects[name];
  return {
    ...added,
    prevIds: [joined.id, added.id],
    ddl: [...ours.values()],
    ...(Object.keys(objects).length > 0 && { objects }),
  };
}

function commonTips(graph: Graph, ids: readonly string[], other: string): string[] {
  const ours = graph.ancestors(ids);
  return graph.tips([...graph.ancestors([other])].filter((id) => ours.has(id)));
}

function entities(snapshot: Snapshot | undefined): Map<string, Entity> {
  const items = snapshot?.ddl ?? [];
  const byKey = new Map(items.map((item) => [`${item.entityType}:${pathOf(item).join('.')}`, item]));
  if (byKey.size < items.length) throw new MigrationError('A snapshot.json names something twice; restore it');
  return byKey;
}

function changedKeys(base: ReadonlyMap<string, Entity>, now: ReadonlyMap<string, Entity>): string[] {
  return [...new Set([...base.keys(), ...now.keys()])].filter((key) => isChanged(base, now, key));
}

function isChanged(base: ReadonlyMap<string, Entity>, now: ReadonlyMap<string, Entity>, key: string): boolean {
  return text(base.get(key)) !== text(now.get(key));
}

function text(item: Entity | undefined): string {
  return JSON.stringify(item) ?? '';
}

function kindOf({ entityType }: Entity): string {
  const singular: Readonly<Record<string, string>> = {
    indexes: 'index',
    policies: 'policy',
    pks: 'primary key',
    fks: 'foreign key',
  };
  return singular[entityType] ?? entityType.replace(/s$/, '');
}
