import type { Entity } from '../../autogenerate/snapshot.ts';

/** How drizzle-kit 1.x writes what a migration changes in the state before it. */
type Delta =
  | { op: 'create'; row: Entity }
  | { op: 'drop'; key: string }
  | { op: 'alter'; key: string; set: Record<string, unknown> }
  | { op: 'rename' };

/** The state after the changes; `undefined` if one of them is not understood, such as a rename, which reaches into other entities. */
export function changedState(before: Entity[] | undefined, deltas: readonly Delta[] | undefined): Entity[] | undefined {
  if (before === undefined || deltas === undefined) return undefined;
  let state: Entity[] | undefined = before;
  for (const delta of deltas) {
    state = applied(state, delta);
    if (state === undefined) return undefined;
  }
  return state;
}

function applied(state: readonly Entity[], delta: Delta): Entity[] | undefined {
  if (delta.op === 'create') return [...state, delta.row];
  if (delta.op !== 'drop' && delta.op !== 'alter') return undefined;
  const position = state.findIndex((item) => keyOf(item) === delta.key);
  const item = state[position];
  if (item === undefined) return undefined;
  return state.toSpliced(position, 1, ...(delta.op === 'alter' ? [{ ...item, ...delta.set }] : []));
}

/** Its kind and where it stands, in drizzle-kit's writing. */
function keyOf({ entityType, schema, table, name }: Entity): string {
  return `${entityType}\0${JSON.stringify([schema, table, name].filter((part) => part !== undefined))}`;
}
