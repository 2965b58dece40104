import { MigrationError } from '../errors.ts';
import { dotted, pathOf } from './paths.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** What two branches both changed, and not in the same way, or what one changed while the other took its table away. */
export interface Conflict {
  kind: string;
  name: string;
}

/** Two states that grew out of one. */
export interface Branches {
  base: Snapshot | undefined;
  ours: Snapshot;
  theirs: Snapshot;
}

interface Merge {
  snapshot: Snapshot;
  conflicts: Conflict[];
}

/** Joins two states: what one of them changed counts, and where both did, theirs; what does not go together is named. */
export function mergeSnapshots({ base, ours, theirs }: Branches): Merge {
  const conflicts: Conflict[] = [];
  const [old, mine, other] = [entities(base), entities(ours), entities(theirs)];
  const joined = new Map(mine);
  for (const key of changedKeys(old, other)) {
    const [before, here, there] = [old.get(key), mine.get(key), other.get(key)];
    const isBoth = text(before) !== text(here) && text(here) !== text(there);
    const values = isBoth ? mergedEnum(before, here, there) : undefined;
    const item = values ?? there;
    if (isBoth && values === undefined) conflicts.push(conflictOf(here ?? there ?? before));
    if (item === undefined) joined.delete(key);
    else joined.set(key, item);
  }
  const objects = mergedObjects({ base, ours, theirs });
  conflicts.push(...objects.conflicts);
  const whole = withoutOrphans(joined, other);
  conflicts.push(...whole.orphans.map((item) => conflictOf(item)));
  const { objects: _, ...rest } = theirs;
  return {
    snapshot: {
      ...rest,
      prevIds: [ours.id, theirs.id],
      ddl: [...whole.entities.values()],
      ...(Object.keys(objects.merged).length > 0 && { objects: objects.merged }),
    },
    conflicts,
  };
}

/** The values of both, in the order that each of them knows; `undefined` if one of them is no enum any more. */
function mergedEnum(
  before: Entity | undefined,
  here: Entity | undefined,
  there: Entity | undefined,
): Entity | undefined {
  if (here?.entityType !== 'enums' || there === undefined) return undefined;
  const [old, mine, other] = [before, here, there].map((item) => valuesOf(item));
  if (old === undefined || mine === undefined || other === undefined) return undefined;
  const isGone = (value: string): boolean => old.includes(value) && !(mine.includes(value) && other.includes(value));
  const values = mine.filter((value) => !isGone(value));
  for (const [index, value] of other.entries()) {
    if (mine.includes(value) || isGone(value)) continue;
    const after = other.slice(0, index).findLast((earlier) => old.includes(earlier) && values.includes(earlier));
    const behind = after === undefined ? 0 : values.indexOf(after) + 1;
    // Behind what the first branch has put at the same place.
    const end = values.findIndex((later, place) => place >= behind && old.includes(later));
    values.splice(end === -1 ? values.length : end, 0, value);
  }
  return { ...here, values };
}

function mergedObjects({ base, ours, theirs }: Branches): {
  merged: NonNullable<Snapshot['objects']>;
  conflicts: Conflict[];
} {
  const [old = {}, mine = {}, other = {}] = [base?.objects, ours.objects, theirs.objects];
  const merged = new Map(Object.entries(mine));
  const conflicts: Conflict[] = [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(other)])) {
    const [before, here, there] = [old[name], mine[name], other[name]].map((object) => JSON.stringify(object));
    if (before === there) continue;
    if (before !== here && here !== there) conflicts.push({ kind: 'object', name });
    const object = other[name];
    if (object === undefined) merged.delete(name);
    else merged.set(name, object);
  }
  return { merged: Object.fromEntries(merged), conflicts };
}

/**
 * What is left of a table or a column that one branch took away while the other changed or used it: it goes too, unless the
 * preferred branch, which comes last, has the table.
 */
function withoutOrphans(
  joined: Map<string, Entity>,
  preferred: ReadonlyMap<string, Entity>,
): { entities: Map<string, Entity>; orphans: Entity[] } {
  const orphans = [...joined.values()].filter((item) => isOrphan(item, joined));
  const entities = new Map(joined);
  for (const orphan of orphans) {
    if (!preferred.has(keyOf(orphan))) {
      entities.delete(keyOf(orphan));
      continue;
    }
    for (const [key, item] of preferred) if (isOfTableOf(item, orphan) && !entities.has(key)) entities.set(key, item);
  }
  return { entities, orphans };
}

function isOrphan(item: Entity, all: ReadonlyMap<string, Entity>): boolean {
  const { entityType, schema = 'public', table, type, typeSchema } = item;
  if (table === undefined) return false;
  if (!all.has(`tables:${schema}.${table}`) && !all.has(`views:${schema}.${table}`)) return true;
  if (entityType === 'columns') return typeSchema != null && !all.has(`enums:${typeSchema}.${type}`);
  const columns = columnsOf(item.columns);
  if (columns.some((name) => !all.has(`columns:${schema}.${table}.${name}`))) return true;
  if (entityType !== 'fks') return false;
  const home = `${item.schemaTo ?? 'public'}.${item.tableTo}`;
  // A table that no model describes belongs to another program.
  return all.has(`tables:${home}`) && columnsOf(item.columnsTo).some((name) => !all.has(`columns:${home}.${name}`));
}

function isOfTableOf(item: Entity, { schema, table }: Entity): boolean {
  return item.schema === schema && (item.table === table || (item.entityType === 'tables' && item.name === table));
}

function columnsOf(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column) => {
    if (typeof column === 'string') return [column];
    return column?.isExpression === false ? [String(column.value)] : [];
  });
}

function entities(snapshot: Snapshot | undefined): Map<string, Entity> {
  const items = snapshot?.ddl ?? [];
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  if (byKey.size < items.length) throw new MigrationError('A snapshot.json names something twice; restore it');
  return byKey;
}

function keyOf(item: Entity): string {
  return `${item.entityType}:${pathOf(item).join('.')}`;
}

function changedKeys(base: ReadonlyMap<string, Entity>, now: ReadonlyMap<string, Entity>): string[] {
  return [...new Set([...base.keys(), ...now.keys()])].filter((key) => text(base.get(key)) !== text(now.get(key)));
}

function text(item: Entity | undefined): string {
  return JSON.stringify(item) ?? '';
}

function valuesOf(item: Entity | undefined): string[] {
  return Array.isArray(item?.values) ? item.values.map(String) : [];
}

function conflictOf(item: Entity | undefined): Conflict {
  return item === undefined ? { kind: '', name: '' } : { kind: kindOf(item), name: dotted(pathOf(item)) };
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
