import { isUpstream } from '../script/branches.ts';
import type { Graph } from '../script/graph.ts';
import { readSnapshot } from '../script/revisions.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** Which revision made each table, enum, view, declared object …: what is made on a branch belongs to it. */
export type Makers = ReadonlyMap<string, string>;

/** The makers of all that the snapshots know, by the oldest one that has it. */
export function makersOf(graph: Graph): Makers {
  const makers = new Map<string, string>();
  for (const revision of graph.ordered) {
    // The file is our own; what drizzle-kit cannot read in it, it says.
    const snapshot = readSnapshot(revision) as Snapshot | undefined;
    for (const name of snapshot === undefined ? [] : partsOf(snapshot).keys())
      if (!makers.has(name)) makers.set(name, revision.id);
  }
  return makers;
}

/** The names of all that differs between two states; what is new or gone counts. */
export function changedNames(before: Snapshot | undefined, after: Snapshot): string[] {
  const [was, is] = [before === undefined ? new Map<string, readonly string[]>() : partsOf(before), partsOf(after)];
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].filter((name) => JSON.stringify(was.get(name)) !== JSON.stringify(is.get(name)));
}

/**
 * The state without the changes of what belongs to other branches. Changes of upstream's tables stay, since one's own branch is
 * the only place for them; an upstream branch itself takes only its own and what is new.
 */
export function narrowed(
  { before, after }: { before: Snapshot; after: Snapshot },
  { graph, makers, line }: { graph: Graph; makers: Makers; line: readonly string[] },
): Snapshot {
  const lineage = graph.lineage(line);
  const isOnUpstream = line.some((id) => isUpstream(graph, id));
  const isForeign = (name: string): boolean => {
    const maker = makers.get(name);
    if (maker === undefined || lineage.has(maker)) return false;
    return isOnUpstream || !isUpstream(graph, maker);
  };
  const isForeignItem = (item: Entity): boolean => isForeign(ownerName(item));
  const isForeignObject = ([name]: [string, unknown]): boolean => isForeign(objectName(name));
  const { objects: declared = {}, ...rest } = after;
  const objects = [
    ...Object.entries(before.objects ?? {}).filter(isForeignObject),
    ...Object.entries(declared).filter((object) => !isForeignObject(object)),
  ];
  return {
    ...rest,
    ddl: [...after.ddl.filter((item) => !isForeignItem(item)), ...before.ddl.filter(isForeignItem)],
    ...(objects.length > 0 && { objects: Object.fromEntries(objects) }),
  };
}

/** The table that an entity is a part of, or its own name. */
function ownerName({ entityType, schema, table, name }: Entity): string {
  if (entityType === 'schemas' || entityType === 'roles') return `${entityType} ${name}`;
  const home = schema === undefined || schema === 'public' ? '' : `${schema}.`;
  return `${home}${table ?? name}`;
}

function objectName(name: string): string {
  return `object ${name}`;
}

/** Everything that a branch can own, with the text of what belongs to it. */
function partsOf({ ddl, objects = {} }: Snapshot): Map<string, readonly string[]> {
  const grouped = Map.groupBy(ddl, (item) => ownerName(item));
  const parts = new Map<string, readonly string[]>();
  for (const [name, items] of grouped) parts.set(name, items.map((item) => JSON.stringify(item)).sort());
  for (const [name, object] of Object.entries(objects)) parts.set(objectName(name), [JSON.stringify(object)]);
  return parts;
}
